import type { ContainersSettings } from "./settings.ts";

/** Where a node keeps its data, in the container. */
export const DATA = "/var/lib/mysql";
/** The port of a server that has a network of its own. */
export const DATABASE_PORT = 3306;

/**
 * Makes the tables where there are none, writes what the server runs at each start, and becomes the server. Made the
 * `normal` way, they would have accounts that open without a password. The words come from the environment and the
 * arguments: none is part of a shell's text.
 */
const START = `
set -eu
umask 077
mkdir -p /run/mysqld "$EBB_DATA"
chown mysql:mysql /run/mysqld "$EBB_DATA"
if [ ! -d "$EBB_DATA/mysql" ]; then
  rm -rf "$EBB_DATA/.new"
  mariadb-install-db --user=mysql --datadir="$EBB_DATA/.new" --skip-test-db \\
    --auth-root-authentication-method=socket --auth-root-socket-user=root >/dev/null
  mv "$EBB_DATA/.new"/* "$EBB_DATA/"
fi
printf '%s\\n' "$EBB_SQL" > /run/mysqld/ebb.sql
chown mysql:mysql /run/mysqld/ebb.sql
exec mariadbd --no-defaults --user=mysql --datadir="$EBB_DATA" --init-file=/run/mysqld/ebb.sql "$@"
`;

export interface NodeServer {
  role: "master" | "slave";
  /** Tells the servers of a cluster apart. */
  serverId: number;
  listen: { address: string; port: number };
  /** Where a replica finds its primary; null for the primary itself. */
  primary: { address: string; port: number } | null;
}

const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** What a server runs at each start: its account, and on a replica where it copies from. Nothing of it goes to the others. */
export function startSql({ user, password }: ContainersSettings["database"], primary: NodeServer["primary"]): string {
  const account = `${quoted(user)}@'%'`;
  const lines = [
    "SET SESSION sql_log_bin = 0;",
    `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ${quoted(password)};`,
    `ALTER USER ${account} IDENTIFIED BY ${quoted(password)};`,
    `GRANT ALL PRIVILEGES ON *.* TO ${account} WITH GRANT OPTION;`,
    `CREATE USER IF NOT EXISTS 'root'@'localhost' IDENTIFIED BY ${quoted(password)};`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY ${quoted(password)};`,
  ];
  if (!primary) return lines.join("\n");
  const from = [
    `MASTER_HOST=${quoted(primary.address)}`,
    `MASTER_PORT=${primary.port}`,
    `MASTER_USER=${quoted(user)}`,
    `MASTER_PASSWORD=${quoted(password)}`,
    "MASTER_CONNECT_RETRY=1",
    "MASTER_USE_GTID=slave_pos",
  ];
  return [...lines, `CHANGE MASTER TO ${from.join(", ")};`, "START SLAVE;"].join("\n");
}

/** The whole binary log is kept, so that a replica can begin from nothing at any time. */
export function serverArguments({ role, serverId, listen }: NodeServer, more: readonly string[]): string[] {
  const replica = ["--read-only=1", "--skip-slave-start=1", "--rpl-semi-sync-slave-enabled=1"];
  return [
    `--bind-address=${listen.address}`,
    `--port=${listen.port}`,
    "--socket=/run/mysqld/mysqld.sock",
    "--skip-name-resolve=1",
    `--server-id=${serverId}`,
    "--log-bin=binlog",
    "--log-slave-updates=1",
    "--gtid-strict-mode=1",
    "--expire-logs-days=0",
    // Probes connect and go: they must not lock out whoever asks from the same address.
    "--max-connect-errors=4294967295",
    ...(role === "slave" ? replica : ["--rpl-semi-sync-master-enabled=1"]),
    ...more,
  ];
}

export function nodeCommand(node: NodeServer, own: ContainersSettings["database"]) {
  return {
    Entrypoint: ["/bin/sh", "-c", START, "mariadb"],
    Cmd: serverArguments(node, own.arguments),
    Env: [`EBB_DATA=${DATA}`, `EBB_SQL=${startSql(own, node.primary)}`],
  };
}

/** The first packet of a server that takes clients: its number is 0, its protocol 10. An error packet says 255. */
export const isGreeting = (packet: Buffer): boolean => packet.length > 5 && packet[3] === 0 && packet[4] === 10;
