import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, ask } from "../../../test/harness.ts";
import { A_WHILE, assertRefused, type Notebooks, notebooksOf, startNotebooks } from "../../../test/notebooks.ts";

const names = async (it: Notebooks, query = ""): Promise<string[]> => {
  const { status, body, text } = await it.list(query);
  assert.equal(status, 200, text);
  return body.instances.map((one: { name: string }) => one.name);
};

test("an empty project has an empty list", async (t) => {
  const it = await startNotebooks(t);
  assert.deepEqual((await it.list()).body, { total_count: 0, instances: [] });
});

test("a list's items are whole instances", async (t) => {
  const it = await startNotebooks(t);
  const id = await it.running({ spec: { storage: { type: "evs" }, auto_stop: { enable: true, duration: 3600 } } });
  assert.deepEqual((await it.list()).body, { total_count: 1, instances: [(await it.show(id)).body] });
});

test("the list is sorted by name or by time of creation, and cut into pages", async (t) => {
  const it = await startNotebooks(t);
  for (const name of ["b", "c", "a"]) {
    await it.create({ name });
    await it.ebb.pass(1000);
  }
  assert.deepEqual(await names(it), ["a", "b", "c"]);
  assert.deepEqual(await names(it, "&order=desc"), ["c", "b", "a"]);
  assert.deepEqual(await names(it, "&sortby=creation_timestamp"), ["b", "c", "a"]);
  assert.deepEqual(await names(it, "&sortby=creation_timestamp&order=desc"), ["a", "c", "b"]);
  assert.deepEqual(await names(it, "&offset=1"), ["b", "c"]);
  assert.deepEqual(await names(it, "&offset=1&limit=1"), ["b"]);
  assert.deepEqual(await names(it, "&limit=0"), ["a", "b", "c"]);
  assert.deepEqual(await names(it, "&offset=9"), []);
  assert.equal((await it.list("&offset=1&limit=1")).body.total_count, 3);
});

test("the list is filtered by status, and shows deleted instances only when asked for them", async (t) => {
  const it = await startNotebooks(t);
  await it.remove(await it.stopped({ name: "gone" }));
  await it.ebb.pass(A_WHILE);
  await it.stopped({ name: "still" });
  await it.create({ name: "fresh" });
  assert.deepEqual(await names(it), ["fresh", "still"]);
  assert.deepEqual(await names(it, "&status=STOPPED"), ["still"]);
  assert.deepEqual(await names(it, "&status=CREATING"), ["fresh"]);
  assert.deepEqual(await names(it, "&status=START_QUEUING"), []);
  assert.deepEqual(await names(it, "&status=DELETED"), ["gone"]);
  const [gone] = (await it.list("&status=DELETED")).body.instances;
  assert.equal(gone.status, "DELETED");
  assertRefused(await it.show(gone.id), "6309");
});

test("an instance that is being deleted is in the list", async (t) => {
  const it = await startNotebooks(t);
  await it.remove(await it.stopped({ name: "going", spec: { storage: { type: "evs" } } }));
  assert.deepEqual(await names(it), ["going"]);
  assert.deepEqual(await names(it, "&status=DELETING"), ["going"]);
});

test("the list is of one workspace, of a pool, and of the one AI project", async (t) => {
  const workspace = "0a".repeat(16);
  const it = await startNotebooks(t, { settings: { inventory: { modelarts: { workspaces: [workspace] } } } });
  await it.create({ name: "in-pool", pool: { id: "pool-1" } });
  await it.create({ name: "in-other", pool: { id: "pool-2" } });
  const { body } = await it.create({ name: "in-workspace", workspace: { id: workspace } });
  assert.deepEqual(body.workspace, { id: workspace });
  assert.deepEqual(await names(it), ["in-other", "in-pool"]);
  assert.deepEqual(await names(it, "&workspace_id=0"), ["in-other", "in-pool"]);
  assert.deepEqual(await names(it, `&workspace_id=${workspace}`), ["in-workspace"]);
  assert.deepEqual(await names(it, "&pool_id=pool-1"), ["in-pool"]);
  assert.deepEqual(await names(it, "&ai_project=default-ai-project"), ["in-other", "in-pool"]);
  assert.deepEqual(await names(it, "&ai_project=another"), []);
  assert.deepEqual(await names(it, "&provision_type=Docker"), ["in-other", "in-pool"]);
});

test("a user sees the others' instances of the project with show_self=false only", async (t) => {
  const [first, second] = ACCOUNTS;
  const colleague = { name: "colleague", id: "b1".repeat(16), password: "Passw0rd-colleague" };
  const users = [
    ...(first?.users ?? []),
    { ...colleague, access_key: "TESTACCESSKEYCOL0003", secret_key: "s".repeat(40) },
  ];
  const accounts = [{ ...first, users }, second] as typeof ACCOUNTS;
  const it = await startNotebooks(t, { settings: { accounts } });
  const password = { user: { name: colleague.name, password: colleague.password, domain: { name: "acct-one" } } };
  const scope = { project: { id: it.ebb.one.projectId } };
  const login = { auth: { identity: { methods: ["password"], password }, scope } };
  const token = (await it.ebb.ask("POST", "/v3/auth/tokens", login)).headers.get("x-subject-token") ?? "";
  const other = notebooksOf(it.ebb, {
    projectId: it.ebb.one.projectId,
    ask: (method, path, body) => ask(it.ebb.url, method, path, body, { "x-auth-token": token }),
  });
  const { body } = await it.create({ name: "mine" });
  await other.create({ name: "theirs" });
  assert.deepEqual(await names(it), ["mine"]);
  assert.deepEqual(await names(it, "&show_self=true"), ["mine"]);
  assert.deepEqual(await names(it, "&show_self=false"), ["mine", "theirs"]);
  assert.deepEqual(await names(other), ["theirs"]);
  assert.deepEqual((await other.show(body.id)).body.user, { id: "a1".repeat(16), name: "one" });
});

test("a list with a wrong parameter is refused", async (t) => {
  const it = await startNotebooks(t);
  const { ask: askOne } = it.ebb.one;
  assertRefused(await askOne("GET", it.url()), "6335");
  assertRefused(await askOne("GET", `${it.url()}?de_type=notebook`), "6336");
  const wrong: [query: string, code: string][] = [
    ["sortby=status", "6303"],
    ["order=up", "6336"],
    ["order=ASC", "6336"],
    ["status=running", "6336"],
    ["provision_type=docker", "6336"],
    ["show_self=1", "6336"],
    ["offset=-1", "6336"],
    ["limit=-1", "6336"],
    ["limit=ten", "6332"],
  ];
  for (const [query, code] of wrong) assertRefused(await it.list(`&${query}`), code);
});
