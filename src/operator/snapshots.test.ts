import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Ebb, startEbb } from "../../test/harness.ts";
import { listColumns, listTables } from "../store/catalog.ts";

const MINUTE = 60_000;

/** Everything in the store but credentials, whatever tables there are. */
async function everything(ebb: Ebb): Promise<Record<string, unknown[]>> {
  const { store } = ebb;
  return store.read(async (session) => {
    const rows: Record<string, unknown[]> = {};
    for (const table of await listTables(store, session)) {
      const order = (await listColumns(store, session, table)).map(({ name }) => name).join(", ");
      rows[table] = await session.all(`SELECT * FROM ${table} ORDER BY ${order}`);
    }
    return rows;
  });
}

async function furnish(ebb: Ebb): Promise<{ workspace: string; endpoint: string }> {
  const made = await ebb.one.ask("POST", "/v1/workspaces", { name: "kept" });
  const workspace = made.body.id as string;
  const answer = await ebb.one.ask("POST", `/v1/workspaces/${workspace}/endpoints`, { name: "ep", type: "inference" });
  await ebb.pass(5 * MINUTE);
  return { workspace, endpoint: answer.body.id as string };
}

const save = async (ebb: Ebb, name: string) => {
  const saved = await ebb.operator("POST", "/snapshots", { name });
  assert.equal(saved.status, 201, saved.text);
  return join(ebb.settings.dataDir, "snapshots", `${name}.ebb-snapshot`);
};

test("a loaded snapshot brings the whole state back, and work that was under way goes on", async (t) => {
  const ebb = await startEbb(t);
  const { workspace, endpoint } = await furnish(ebb);
  const path = `/v1/workspaces/${workspace}/endpoints/${endpoint}`;
  assert.equal((await ebb.one.ask("DELETE", path)).status, 202);
  await ebb.settle();
  const before = await everything(ebb);
  await save(ebb, "deleting");
  const { now } = (await ebb.operator("GET", "/clock")).body;
  await ebb.pass(5 * MINUTE);
  assert.equal((await ebb.one.ask("GET", path)).status, 404);
  const loaded = await ebb.operator("POST", "/snapshots/deleting/load");
  assert.equal(loaded.status, 200, loaded.text);
  const after = await everything(ebb);
  for (const table of ["resources", "holdings", "events", "iam_users", "iam_access_keys", "iam_projects"])
    assert.deepEqual(after[table], before[table], table);
  assert.equal((await ebb.operator("GET", "/clock")).body.now, now);
  assert.equal((await ebb.one.ask("GET", path)).body.status, "DELETING");
  await ebb.pass(5 * MINUTE);
  assert.equal((await ebb.one.ask("GET", path)).status, 404);
  assert.deepEqual(await ebb.house.drivers.inference.marked(), []);
});

test("what is made after a load has a place of its own in every table", async (t) => {
  const ebb = await startEbb(t);
  await furnish(ebb);
  await save(ebb, "base");
  await ebb.operator("POST", "/reset");
  await ebb.operator("POST", "/snapshots/base/load");
  const made = await ebb.one.ask("POST", "/v1/workspaces", { name: "after" });
  assert.equal(made.status, 200, made.text);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.workspaces.length, 2);
});

test("credentials that clients hold stay good over a load", async (t) => {
  const ebb = await startEbb(t);
  await save(ebb, "early");
  const login = await ebb.ask("POST", "/v3/auth/tokens?nocatalog=true", {
    auth: {
      identity: {
        methods: ["password"],
        password: { user: { name: "one", password: "Passw0rd-one", domain: { name: "acct-one" } } },
      },
      scope: { project: { id: ebb.one.projectId } },
    },
  });
  const token = login.headers.get("x-subject-token") ?? "";
  await ebb.operator("POST", "/snapshots/early/load");
  assert.equal((await ebb.ask("GET", "/v1/workspaces", undefined, { "x-auth-token": token })).status, 200);
});

test("a reset leaves an empty cloud, with its inventory and the callers' credentials", async (t) => {
  const ebb = await startEbb(t);
  await ebb.pass(MINUTE);
  const before = await everything(ebb);
  await furnish(ebb);
  const { body: clock } = await ebb.operator("GET", "/clock");
  assert.equal((await ebb.operator("POST", "/reset")).status, 204);
  assert.equal((await ebb.operator("GET", "/clock")).body.now, clock.now);
  const after = await everything(ebb);
  for (const table of Object.keys(before)) {
    assert.equal(after[table]?.length, before[table]?.length, table);
    if (table.startsWith("iam_")) assert.deepEqual(after[table], before[table], table);
  }
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.workspaces.length, 0);
  assert.equal((await ebb.two.ask("GET", `/v1/${ebb.two.projectId}/physicalservers`)).status, 200);
});

test("a snapshot that is cut, changed, of another version or unknown is refused, and changes nothing", async (t) => {
  const ebb = await startEbb(t);
  await furnish(ebb);
  const whole = readFileSync(await save(ebb, "whole"), "utf8");
  const file = await save(ebb, "bad");
  const before = await everything(ebb);
  const middle = whole.indexOf("\n", whole.length / 2);
  const cases: [string, RegExp][] = [
    ["", /empty/],
    [whole.slice(0, middle), /cut or has been changed/],
    [whole.slice(0, middle + 1), /cut or has been changed/],
    [whole.slice(0, -1), /cut or has been changed/],
    [whole.replace('"kept"', '"kepT"'), /cut or has been changed/],
    [whole.replace('"ebb_snapshot":1', '"ebb_snapshot":9'), /layout has version 9/],
    ["{}\n{}\n", /no snapshot/],
    ["hello\n", /no snapshot/],
  ];
  for (const [text, why] of cases) {
    writeFileSync(file, text);
    const answer = await ebb.operator("POST", "/snapshots/bad/load");
    assert.equal(answer.status, 409, answer.text);
    assert.match(answer.body.error.message, why);
  }
  assert.equal((await ebb.operator("POST", "/snapshots/none/load")).status, 404);
  assert.equal((await ebb.operator("POST", "/snapshots/..%2Fx/load")).status, 400);
  assert.equal((await ebb.operator("POST", "/snapshots", { name: "../x" })).status, 400);
  assert.deepEqual(await everything(ebb), before);
});

test("a snapshot of other tables is refused by their version", async (t) => {
  const ebb = await startEbb(t);
  await save(ebb, "later");
  await ebb.store.write("test", (tx) => tx.run("INSERT INTO migrations (version) VALUES (99)"));
  const answer = await ebb.operator("POST", "/snapshots/later/load");
  assert.equal(answer.status, 409);
  assert.match(answer.body.error.message, /tables have version 3 and this Ebb's have 99/);
  await ebb.store.write("test", (tx) => tx.run("DELETE FROM migrations WHERE version = 99"));
});

test("snapshots are listed and removed", async (t) => {
  const ebb = await startEbb(t);
  assert.deepEqual((await ebb.operator("GET", "/snapshots")).body, { snapshots: [], next: null });
  await save(ebb, "b");
  await save(ebb, "a");
  const { body } = await ebb.operator("GET", "/snapshots");
  assert.deepEqual(
    body.snapshots.map((one: { name: string }) => one.name),
    ["a", "b"],
  );
  assert.equal((await ebb.operator("DELETE", "/snapshots/a")).status, 204);
  assert.equal((await ebb.operator("DELETE", "/snapshots/a")).status, 404);
});

test("where things are real, nothing is put in their rows' place while they are there, or cannot be looked at", async (t) => {
  const drivers = { notebooks: "containers", containers: { socket: "/nowhere/engine.sock" } };
  const ebb = await startEbb(t, { settings: { drivers } });
  await save(ebb, "early");
  const before = await everything(ebb);
  for (const path of ["/reset", "/snapshots/early/load"]) {
    const blind = await ebb.operator("POST", path);
    assert.deepEqual([blind.status, blind.body.error.code], [409, "refused"], blind.text);
    assert.match(
      blind.body.error.message,
      /the real notebooks cannot be looked at: the container engine does not answer/,
    );
  }
  const marked = t.mock.method(ebb.house.drivers.notebooks, "marked", async () => [
    { ref: "volume-1", type: "volume" },
  ]);
  const left = await ebb.operator("POST", "/reset");
  assert.match(left.body.error.message, /real notebooks would be left behind: volume-1$/);
  assert.deepEqual(await everything(ebb), before);
  marked.mock.mockImplementation(async () => []);
  assert.equal((await ebb.operator("POST", "/reset")).status, 204);
});
