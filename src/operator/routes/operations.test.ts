import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ebb, startEbb } from "../../../test/harness.ts";
import { Refusal } from "../../drivers/port.ts";

const HOUR = 3_600_000;
const A_WHILE = 2 * HOUR;

async function makeEndpoint(ebb: Ebb): Promise<{ workspace: string; endpoint: string }> {
  const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: "operations" });
  const made = await ebb.one.ask("POST", `/v1/workspaces/${body.id}/endpoints`, {
    name: "ep",
    type: "inference",
    reserved_resource: { mu: { spec_code: "mu.x", min: 1, max: 1 } },
  });
  return { workspace: body.id, endpoint: made.body.id };
}

test("operations are listed newest first, page by page, and each once", async (t) => {
  const ebb = await startEbb(t);
  for (let index = 0; index < 5; index++) {
    await ebb.one.ask("POST", "/v1/workspaces", { name: `workspace-${index}` });
    // Two in one millisecond, then another: the pages part them all the same.
    if (index % 2 === 1) await ebb.pass(1);
  }
  const whole = (await ebb.operator("GET", `/operations?kind=fabric.workspace`)).body;
  assert.equal(whole.next, null);
  assert.equal(whole.operations.length, 5);
  const times = whole.operations.map((one: { accepted_at: string }) => one.accepted_at);
  assert.deepEqual(times, times.toSorted().toReversed());
  const seen: string[] = [];
  let cursor = "";
  for (let page = 0; page < 5; page++) {
    const { body } = await ebb.operator("GET", `/operations?kind=fabric.workspace&limit=2${cursor}`);
    seen.push(...body.operations.map((one: { id: string }) => one.id));
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  assert.deepEqual(
    seen,
    whole.operations.map((one: { id: string }) => one.id),
  );
});

test("of one resource, what was accepted later comes first, also within one millisecond, page by page", async (t) => {
  const ebb = await startEbb(t, { settings: { pace: "instant" } });
  const { workspace, endpoint } = await makeEndpoint(ebb);
  await ebb.settle();
  for (const name of ["second", "third", "fourth"]) {
    const path = `/v1/workspaces/${workspace}/endpoints/${endpoint}`;
    const { status, text } = await ebb.one.ask("PUT", path, { name, description: name });
    assert.ok(status < 300, text);
    await ebb.settle();
  }
  await ebb.one.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${endpoint}`);
  const verbs: string[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await ebb.operator("GET", `/operations?resource_id=${endpoint}&limit=2${cursor}`);
    verbs.push(...body.operations.map((one: { verb: string }) => one.verb));
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  assert.deepEqual(verbs, ["delete", "update", "update", "update", "create"]);
});

test("operations are found by tenant, kind, state, verb, resource and age", async (t) => {
  const ebb = await startEbb(t);
  const { endpoint } = await makeEndpoint(ebb);
  await ebb.pass(HOUR);
  await ebb.two.ask("POST", "/v1/workspaces", { name: "theirs-too" });
  const count = async (query: string) => {
    const { status, body } = await ebb.operator("GET", `/operations?${query}`);
    assert.equal(status, 200, query);
    return body.operations.length as number;
  };
  assert.equal(await count(`kind=fabric.workspace&tenant=${ebb.two.projectId}`), 1);
  assert.equal(await count("kind=fabric.endpoint"), 1);
  assert.equal(await count("kind=fabric.workspace&state=done"), 2);
  assert.equal(await count("kind=fabric.workspace&state=failed"), 0);
  assert.equal(await count(`verb=create&resource_id=${endpoint}`), 1);
  assert.equal(await count(`verb=delete&resource_id=${endpoint}`), 0);
  assert.equal(await count("kind=fabric.workspace&older_than=30m"), 1);
  assert.equal(await count("kind=fabric.workspace&younger_than=30m"), 1);
  assert.equal(await count(`kind=fabric.workspace&older_than=${HOUR + 1}`), 0);
  assert.equal(await count(`kind=fabric.workspace&older_than=${HOUR}ms&younger_than=1h`), 1);
});

test("an operation shows its steps: what is done and how it was seen, what is current, and what waits", async (t) => {
  const ebb = await startEbb(t);
  const { workspace, endpoint } = await makeEndpoint(ebb);
  await ebb.pass(A_WHILE);
  const deployed = await ebb.one.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${endpoint}`);
  assert.equal(deployed.status, 202, deployed.text);
  await ebb.settle();
  const [listed] = (await ebb.operator("GET", `/operations?resource_id=${endpoint}&verb=delete`)).body.operations;
  await ebb.pass(10_000);
  const { body } = await ebb.operator("GET", `/operations/${listed.id}`);
  const [gone, current] = body.steps;
  assert.deepEqual([body.state, body.steps.length], ["running", 2]);
  assert.deepEqual([gone.name, gone.state, gone.attempts, gone.answer], ["runs-gone", "done", 1, { is: "done" }]);
  assert.deepEqual([current.name, current.state, current.attempts], [body.step, "current", 1]);
  assert.equal(current.duration_ms, 10_000);
  assert.match(current.answer.waiting_for, /^reservation-.* is unmaking$/);
  await ebb.pass(A_WHILE);
  const after = (await ebb.operator("GET", `/operations/${listed.id}`)).body;
  assert.deepEqual([after.state, after.steps[1].state, after.steps[1].duration_ms], ["done", "done", 30_000]);
  assert.match(after.steps[1].answer.proof, /inference answered absent for reservation-/);
  assert.equal(after.next_try_at, null);
});

test("a failed step says why and after how many tries, and the steps after it were not run", async (t) => {
  const ebb = await startEbb(t);
  let tries = 0;
  t.mock.method(ebb.house.drivers.databases, "make", async () => {
    if (++tries < 3) throw new Error("the line is dead");
    throw new Refusal("no room", { owner: "the caller", hint: "make room", forGood: true });
  });
  const db = await ebb.one.ask("POST", `/v3/${ebb.one.projectId}/instances`, DATABASE);
  await ebb.settle();
  const path = `/operations?resource_id=${db.body.instance.id}`;
  const [trying] = (await ebb.operator("GET", path)).body.operations;
  assert.deepEqual([trying.tries, trying.answer.is, trying.answer.owner], [1, "refused", "the driver's machine"]);
  await ebb.pass(60_000);
  const { body } = await ebb.operator("GET", `/operations/${trying.id}`);
  assert.deepEqual(
    body.steps.map((one: { name: string; state: string; attempts: number }) => [one.name, one.state, one.attempts]),
    [
      ["provision-storage", "failed", 3],
      ["nodes-up", "not-run", 0],
    ],
  );
  assert.deepEqual(body.steps[0].answer, { is: "refused", reason: "no room", owner: "the caller", hint: "make room" });
});

test("an aborted operation shows where it stood", async (t) => {
  const ebb = await startEbb(t);
  const { workspace, endpoint } = await makeEndpoint(ebb);
  const made = await ebb.one.ask("DELETE", `/v1/workspaces/${workspace}/endpoints/${endpoint}`);
  assert.ok(made.status < 300, made.text);
  const [aborted] = (await ebb.operator("GET", `/operations?resource_id=${endpoint}&state=aborted`)).body.operations;
  const { body } = await ebb.operator("GET", `/operations/${aborted.id}`);
  assert.deepEqual(
    body.steps.map((one: { state: string }) => one.state),
    ["aborted"],
  );
});

test("what an operation learned stays with the tenant: no fact of an answer is shown", async (t) => {
  const ebb = await startEbb(t);
  const base = `/v1/${ebb.one.projectId}/demanager/instances`;
  const { body } = await ebb.one.ask("POST", base, NOTEBOOK);
  await ebb.pass(A_WHILE);
  const shown = await ebb.one.ask("GET", `${base}/${body.id}`);
  const list = await ebb.operator("GET", `/operations?resource_id=${body.id}`);
  const whole = await ebb.operator("GET", `/operations/${list.body.operations[0].id}`);
  const events = await ebb.operator("GET", `/events?resource_id=${body.id}`);
  assert.ok(events.body.events.length > 3);
  const secret = /"token":"([^"]+)"/.exec(JSON.stringify(await factsOf(ebb, body.id)))?.[1] ?? assert.fail(shown.text);
  for (const answer of [list, whole, events]) assert.ok(!answer.text.includes(secret));
});

const factsOf = (ebb: Ebb, id: string) =>
  ebb.store
    .read((session) => session.get("SELECT facts FROM resources WHERE id = ?", [id]))
    .then((row) => {
      const { facts } = row as { facts: string };
      return JSON.parse(facts) as object;
    });

test("what cannot be found, and what cannot be asked, is refused with a reason", async (t) => {
  const ebb = await startEbb(t);
  const unknown = await ebb.operator("GET", "/operations/nothing");
  assert.deepEqual([unknown.status, unknown.body.error.code], [404, "not-found"]);
  for (const query of [
    "state=gone",
    "older_than=-1",
    "older_than=soon",
    "limit=0",
    "limit=1001",
    "cursor=x",
    "colour=red",
    "tenant=a%20b",
  ]) {
    const answer = await ebb.operator("GET", `/operations?${query}`);
    assert.deepEqual([answer.status, answer.body.error?.code], [400, "invalid"], query);
  }
});

const UUID = "0a1b2c3d-1111-4222-8333-444455556666";
const DATABASE = {
  region: "eu-local-1",
  name: "orders",
  datastore: { type: "gaussdb-mysql", version: "8.0.22" },
  mode: "Cluster",
  flavor_ref: "gaussdb.mysql.xlarge.x86.4",
  vpc_id: UUID,
  subnet_id: UUID,
  security_group_id: UUID,
  password: "Orders-db-9",
  availability_zone_mode: "single",
  slave_count: 1,
};
const NOTEBOOK = {
  name: "nb",
  profile_id: "Multi-Engine 1.0 (python3)-cpu",
  flavor: "modelarts.vm.cpu.2u",
  spec: { storage: { type: "obs", location: { path: "/bucket/dir/" } } },
};
