import type { Yard } from "./host.ts";

/** Both threads of a replica run, and it waits for nothing but new events. */
export function isCopying(status: string): boolean {
  const says = (name: string) => new RegExp(`^\\s*${name}: (.*)$`, "m").exec(status)?.[1]?.trim();
  return (
    says("Slave_IO_Running") === "Yes" && says("Slave_SQL_Running") === "Yes" && says("Seconds_Behind_Master") === "0"
  );
}

/** Asks the replica itself, with the client in its container. The password goes by the environment, as nobody lists it. */
export async function replicates({ engine, settings }: Yard, id: string): Promise<boolean> {
  const client = ["mariadb", "--no-defaults", "--user=root", "--socket=/run/mysqld/mysqld.sock"];
  const command = [...client, "--execute=SHOW SLAVE STATUS\\G"];
  const { code, output } = await engine.execute(id, command, [`MYSQL_PWD=${settings.database.password}`]);
  return code === 0 && isCopying(output);
}
