import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { isClean, OperatorError, startEbb } from "ebb/testing";

const ebb = await startEbb({ pace: "real", frozen: true });
after(() => ebb.close());
beforeEach(() => ebb.reset());

async function token(): Promise<string> {
  const { HW_DOMAIN_NAME: domain, HW_USER_NAME: name, HW_USER_PASSWORD: password } = ebb.variables;
  const identity = { methods: ["password"], password: { user: { name, password, domain: { name: domain } } } };
  const body = JSON.stringify({ auth: { identity, scope: { project: { id: ebb.projectId } } } });
  const answer = await fetch(`${ebb.url}/v3/auth/tokens?nocatalog=true`, { method: "POST", body });
  return answer.headers.get("x-subject-token") ?? "";
}

const shown = await token();

async function cloud(method: string, path: string, body?: object): Promise<{ status: number; id: string }> {
  const sent = body ? { body: JSON.stringify(body) } : {};
  const answer = await fetch(ebb.url + path, { method, headers: { "x-auth-token": shown }, ...sent });
  const text = await answer.text();
  const { id = "" } = (text.startsWith("{") ? JSON.parse(text) : {}) as { id?: string };
  return { status: answer.status, id };
}

async function workspaceWithEndpoint(): Promise<{ workspace: string; endpoint: string }> {
  const workspace = (await cloud("POST", "/v1/workspaces", { name: "of-a-test" })).id;
  const path = `/v1/workspaces/${workspace}/endpoints`;
  const { id } = await cloud("POST", path, { name: "ep", type: "inference" });
  return { workspace: `/v1/workspaces/${workspace}`, endpoint: `${path}/${id}` };
}

test("time moves only when the test moves it", async () => {
  const { endpoint } = await workspaceWithEndpoint();
  const before = await ebb.clock.now();
  const now = await ebb.clock.advance("30m");
  assert.equal(now.getTime() - before.getTime(), 1_800_000);
  assert.equal((await cloud("DELETE", endpoint)).status, 202);
  assert.equal((await cloud("GET", endpoint)).status, 200);
  await ebb.clock.advance(60_000);
  assert.equal((await cloud("GET", endpoint)).status, 404);
});

test("what is left over is named, until it is deleted", async () => {
  const { workspace, endpoint } = await workspaceWithEndpoint();
  const found = await ebb.runToRest();
  assert.deepEqual(
    found.left.map(({ kind }) => kind),
    ["fabric.workspace", "fabric.endpoint"],
  );
  assert.deepEqual([found.unfinished, found.leaks, isClean(found)], [[], [], false]);
  await cloud("DELETE", endpoint);
  await ebb.runToRest();
  await cloud("DELETE", workspace);
  assert.equal(isClean(await ebb.leftovers()), true);
});

test("a fault hits the calls that it is for, and says how often", async () => {
  const fault = await ebb.faults.add({
    on: "call",
    service: "fabric",
    operation: "CreateWorkspace",
    answer: { status: 429 },
    first: 1,
  });
  const unused = await ebb.faults.unused();
  assert.deepEqual(
    unused.map(({ id }) => id),
    [fault.id],
  );
  const body = { name: "of-a-test" };
  assert.equal((await cloud("POST", "/v1/workspaces", body)).status, 429);
  assert.equal((await cloud("POST", "/v1/workspaces", body)).status, 200);
  const ended = await ebb.faults.remove(fault.id);
  assert.deepEqual([ended.calls, ended.hits], [2, 1]);
  assert.deepEqual(await ebb.faults.list(), []);
});

test("a fault that cannot match is refused with what there is", async () => {
  const nowhere = { on: "call", service: "fabric", operation: "CreateWorkspce", answer: "reset" } as const;
  await assert.rejects(ebb.faults.add(nowhere), (error: unknown) => {
    assert.ok(error instanceof OperatorError);
    assert.equal(error.code, "invalid");
    return true;
  });
});

test("a reset takes everything away, the faults too", async () => {
  await workspaceWithEndpoint();
  await ebb.faults.add({ on: "call", service: "fabric", answer: "reset" });
  await ebb.reset();
  assert.deepEqual(await ebb.leftovers(), { created: [], left: [], left_count: 0, unfinished: [], leaks: [] });
  assert.deepEqual(await ebb.faults.list(), []);
});
