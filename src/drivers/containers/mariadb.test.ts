import assert from "node:assert/strict";
import { test } from "node:test";
import { loopbackOf } from "./addresses.ts";
import { isGreeting, nodeCommand, serverArguments, startSql } from "./mariadb.ts";
import { isCopying } from "./replication.ts";

const account = { user: "root", password: "it's a \\ secret", arguments: [] };
const listen = { address: "127.64.0.1", port: 3306 };

const status = (io: string) =>
  `  Slave_IO_Running: ${io}\r\n  Slave_SQL_Running: Yes\r\n  Seconds_Behind_Master: 0\r\n`;

test("a server's own statements stay its own, and a password is quoted", () => {
  const sql = startSql(account, null);
  assert.match(sql, /^SET SESSION sql_log_bin = 0;/);
  assert.ok(sql.includes("IDENTIFIED BY 'it''s a \\\\ secret'"));
  assert.doesNotMatch(sql, /MASTER/);
});

test("a replica copies from the primary, by the ids of transactions", () => {
  const sql = startSql(account, { address: "127.64.0.9", port: 3306 });
  assert.match(sql, /CHANGE MASTER TO MASTER_HOST='127\.64\.0\.9', MASTER_PORT=3306,.*MASTER_USE_GTID=slave_pos;/);
  assert.match(sql, /START SLAVE;$/);
});

test("the primary and its replicas are semi-synchronous, and a replica takes no writes", () => {
  const master = serverArguments({ role: "master", serverId: 1, listen, primary: null }, []);
  const slave = serverArguments({ role: "slave", serverId: 2, listen, primary: listen }, ["--innodb-x=1"]);
  assert.ok(master.includes("--rpl-semi-sync-master-enabled=1") && !master.includes("--read-only=1"));
  assert.ok(slave.includes("--rpl-semi-sync-slave-enabled=1") && slave.includes("--read-only=1"));
  assert.equal(slave.at(-1), "--innodb-x=1");
});

test("the password is in no argument of a command", () => {
  const { Entrypoint, Cmd } = nodeCommand({ role: "master", serverId: 1, listen, primary: null }, account);
  assert.ok(![...Entrypoint, ...Cmd].some((word) => word.includes("secret")));
});

test("a greeting is told from an error, and a copying replica from one that waits", () => {
  assert.ok(isGreeting(Buffer.from([50, 0, 0, 0, 10, 53])));
  assert.ok(!isGreeting(Buffer.from([50, 0, 0, 0, 255, 53])));
  assert.ok(isCopying(status("Yes")));
  assert.ok(!isCopying(status("Connecting")));
});

test("a node's address is this machine's, and the next try is another", () => {
  assert.match(loopbackOf("a", 0), /^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$/);
  assert.notEqual(loopbackOf("a", 0), loopbackOf("a", 1));
});
