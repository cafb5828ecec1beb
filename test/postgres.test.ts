import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Client, type QueryResultRow } from "pg";
import { freshDatabase, startPostgres, type TestPostgres } from "./postgres.ts";

async function query<T extends QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Waits for something that another process does. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    assert.ok(Date.now() < deadline, "it did not happen within 20 seconds");
    await pause(10);
  }
}

const pidIn = (folder: string) => Number(readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[0]);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the PostgreSQL for tests", () => {
  let server: TestPostgres;
  const inherited = process.env.EBB_TEST_POSTGRES;
  before(async () => {
    server = await startPostgres();
    process.env.EBB_TEST_POSTGRES = server.url;
  });
  after(async () => {
    if (inherited === undefined) delete process.env.EBB_TEST_POSTGRES;
    else process.env.EBB_TEST_POSTGRES = inherited;
    await server.stop();
  });

  it("is a real server, 15 or newer, that only its own user and root can reach", async () => {
    const [row] = await query<{ server_version_num: string }>(server.url, "SHOW server_version_num");
    assert.ok(Number(row?.server_version_num) >= 150_000);
    const [listens] = await query<{ listen_addresses: string }>(server.url, "SHOW listen_addresses");
    assert.equal(listens?.listen_addresses, "");
    assert.equal(statSync(server.folder).mode & 0o777, 0o700);
    assert.notEqual(statSync(server.folder).uid, 0);
  });

  it("gives each test a database of its own", async () => {
    const [a, b] = await Promise.all([freshDatabase(), freshDatabase()]);
    await query(a.url, "CREATE TABLE only_here (id int)");
    assert.deepEqual(await query(b.url, "SELECT to_regclass('only_here') AS it"), [{ it: null }]);
    await a.drop();
    await assert.rejects(query(a.url, "SELECT 1"), /does not exist/);
    assert.deepEqual(await query(b.url, "SELECT 1 AS one"), [{ one: 1 }]);
    await b.drop();
  });

  it("gives a copy of a prepared database", async () => {
    const prepared = await freshDatabase();
    await query(prepared.url, "CREATE TABLE kept AS SELECT 7 AS n");
    const copy = await freshDatabase(new URL(prepared.url).pathname.slice(1));
    assert.deepEqual(await query(copy.url, "SELECT n FROM kept"), [{ n: 7 }]);
    await Promise.all([copy.drop(), prepared.drop()]);
  });

  it("drops a database to which somebody is still connected", async () => {
    const database = await freshDatabase();
    const client = new Client({ connectionString: database.url });
    const lost = new Promise<void>((resolve) => client.on("end", resolve));
    client.on("error", () => {});
    await client.connect();
    await database.drop();
    await lost;
    await assert.rejects(query(database.url, "SELECT 1"), /does not exist/);
  });
});

describe("the end of a PostgreSQL for tests", () => {
  it("takes its process and its folder with it", async () => {
    const stopped = await startPostgres();
    const { folder } = stopped;
    const pid = pidIn(folder);
    assert.equal(isAlive(pid), true);
    await stopped.stop();
    assert.deepEqual([isAlive(pid), existsSync(folder)], [false, false]);
  });

  it("comes too when the process that started it is killed", async () => {
    const code = `import { startPostgres } from ${JSON.stringify(new URL("postgres.ts", import.meta.url).href)};
      console.log((await startPostgres()).folder);`;
    const starter = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [folder] = (await once(createInterface({ input: starter.stdout }), "line")) as [string];
    const pid = pidIn(folder);
    assert.equal(isAlive(pid), true);
    starter.kill("SIGKILL");
    await until(() => !isAlive(pid) && !existsSync(folder));
  });
});

it("needs the global set-up, and says so", async () => {
  const inherited = process.env.EBB_TEST_POSTGRES;
  delete process.env.EBB_TEST_POSTGRES;
  try {
    await assert.rejects(freshDatabase(), /--test-global-setup=test\/postgres\.ts/);
  } finally {
    if (inherited !== undefined) process.env.EBB_TEST_POSTGRES = inherited;
  }
});
