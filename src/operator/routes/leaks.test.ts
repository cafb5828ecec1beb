import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ebb, startEbb } from "../../../test/harness.ts";
import { A_WHILE, assertRefused, EVS, notebooksOf } from "../../../test/notebooks.ts";
import { Refusal } from "../../drivers/port.ts";

/** A notebook of account one that has stopped and is being deleted: at its first step. */
async function deleting(ebb: Ebb) {
  const notebooks = notebooksOf(ebb, ebb.one);
  const id = await notebooks.stopped({ spec: { storage: EVS } });
  await notebooks.remove(id);
  await ebb.settle();
  const operation = (await ebb.house.lifecycle.operations(id)).at(-1);
  assert.ok(operation?.state === "running");
  return { id, operation: operation.id, step: operation.plan.steps[operation.step] ?? "" };
}

test("a receipt is shown once its delete is over; before, and for anything else, the answer says why there is none", async (t) => {
  const ebb = await startEbb(t);
  const { id, operation } = await deleting(ebb);
  const create = (await ebb.house.lifecycle.operations(id))[0]?.id;
  const early = await ebb.operator("GET", `/receipts/${operation}`);
  assert.equal(early.status, 404);
  assert.match(early.body.error.message, /has not finished: it is at step remove-volume/);
  assert.match(early.body.error.hint, new RegExp(`ebb why ${id}`));
  const other = await ebb.operator("GET", `/receipts/${create}`);
  assert.deepEqual([other.status, other.body.error.code], [404, "not-found"]);
  assert.match(other.body.error.message, /has left no receipt/);
  const unknown = await ebb.operator("GET", "/receipts/no-such");
  assert.deepEqual([unknown.status, unknown.body.error.message], [404, "there is no operation no-such"]);
  await ebb.pass(A_WHILE);
  const { status, body } = await ebb.operator("GET", `/receipts/${operation}`);
  assert.deepEqual([status, body.receipt.seq, body.later], [200, 1, []]);
  assert.deepEqual([body.receipt.body.resource.id, body.receipt.body.resource.tenant], [id, ebb.one.projectId]);
});

test("receipts are listed in pages, by resource and by tenant", async (t) => {
  const ebb = await startEbb(t);
  for (const who of [ebb.one, ebb.two, ebb.one]) {
    const { body } = await who.ask("POST", "/v1/workspaces", { name: `w-${who.projectId.slice(0, 2)}` });
    await who.ask("DELETE", `/v1/workspaces/${body.id}`);
  }
  const first = (await ebb.operator("GET", "/receipts?limit=2")).body;
  assert.deepEqual([first.receipts.map((one: { seq: number }) => one.seq), first.next], [[1, 2], 2]);
  const second = (await ebb.operator("GET", `/receipts?limit=2&after=${first.next}`)).body;
  assert.deepEqual([second.receipts.map((one: { seq: number }) => one.seq), second.next], [[3], null]);
  const theirs = (await ebb.operator("GET", `/receipts?tenant=${ebb.two.projectId}`)).body;
  assert.deepEqual(
    theirs.receipts.map((one: { seq: number }) => one.seq),
    [2],
  );
  const { id } = theirs.receipts[0].body.resource;
  assert.equal((await ebb.operator("GET", `/receipts?resource_id=${id}`)).body.receipts.length, 1);
  assert.deepEqual((await ebb.operator("GET", "/receipts/verify")).body, {
    whole: true,
    count: 3,
    first: 1,
    last: 3,
    head_hash: second.receipts[0].hash,
  });
  await ebb.store.write("test", (tx) => tx.run("DELETE FROM receipts WHERE seq = 2"));
  assert.deepEqual((await ebb.operator("GET", "/receipts/verify")).body, {
    whole: false,
    seq: 2,
    wrong: "receipt 2 is missing",
  });
});

test("a skip needs an operation, its current step and a reason, and says which of them is wrong", async (t) => {
  const ebb = await startEbb(t);
  const { operation, step, id } = await deleting(ebb);
  const path = `/operations/${operation}/skip`;
  const reason = "the disk is bad";
  for (const body of [
    {},
    { step },
    { step, reason: "" },
    { step, reason: "  " },
    { step, reason: "x".repeat(501) },
    { step, reason, force: true },
  ])
    assert.equal((await ebb.operator("POST", path, body)).status, 400, JSON.stringify(body));
  const unknown = await ebb.operator("POST", path, { step: "no-such", reason });
  assert.equal(unknown.status, 404);
  assert.match(unknown.body.error.message, /its plan is remove-container, remove-volume/);
  const early = await ebb.operator("POST", path, { step: "remove-container", reason });
  assert.deepEqual([early.status, early.body.error.current_step], [409, "remove-volume"]);
  assert.equal((await ebb.operator("POST", "/operations/no-such/skip", { step, reason })).status, 404);
  assert.equal((await ebb.ask("POST", `/ebb/v1${path}`, { step, reason })).status, 401);
  const answer = await ebb.operator("POST", path, { step, reason });
  assert.deepEqual([answer.status, answer.body.id, answer.body.state], [200, operation, "done"]);
  assertRefused(await notebooksOf(ebb, ebb.one).show(id), "6309");
});

test("leaks are listed by tenant, and a reclaim names its operations", async (t) => {
  const ebb = await startEbb(t);
  const { operation, step } = await deleting(ebb);
  await ebb.operator("POST", `/operations/${operation}/skip`, { step, reason: "the disk is bad" });
  assert.equal((await ebb.operator("GET", `/leaks?tenant=${ebb.two.projectId}`)).body.leaks.length, 0);
  const [leak] = (await ebb.operator("GET", `/leaks?tenant=${ebb.one.projectId}`)).body.leaks;
  assert.deepEqual([leak.why, leak.domain, leak.type, leak.reclaim], ["skipped", "notebooks", "volume", null]);
  for (const body of [{ refs: [] }, { refs: "x" }, { all: true }])
    assert.equal((await ebb.operator("POST", "/leaks/reclaim", body)).status, 400, JSON.stringify(body));
  const unknown = await ebb.operator("POST", "/leaks/reclaim", { refs: ["no-such"] });
  assert.deepEqual([unknown.status, unknown.body.error.message], [404, "there is no leak no-such"]);
  const others = await ebb.operator("POST", "/leaks/reclaim", { tenant: ebb.two.projectId });
  assert.deepEqual(others.body, { reclaimed: [], more: false });
  const { status, body } = await ebb.operator(
    leak.clear.method,
    leak.clear.path.slice("/ebb/v1".length),
    leak.clear.body,
  );
  const [started] = body.reclaimed;
  assert.deepEqual([status, started.verb, started.state, started.again], [202, "reclaim", "running", false]);
  await ebb.pass(A_WHILE);
  const receipt = (await ebb.operator("GET", `/receipts/${operation}`)).body;
  assert.equal(receipt.later[0].body.operation_id, started.operation_id);
  assert.deepEqual((await ebb.operator("GET", "/leaks")).body.leaks, []);
});

test("what was skipped while its delete goes on is listed with what to wait for", async (t) => {
  const ebb = await startEbb(t);
  const notebooks = notebooksOf(ebb, ebb.one);
  const fire = { owner: "an operator", hint: "put it out" };
  const id = await notebooks.stopped({ spec: { storage: EVS } });
  t.mock.method(ebb.house.drivers.notebooks, "make", async () => {
    throw new Refusal("it is on fire", { ...fire, forGood: true });
  });
  await notebooks.act(id, "start");
  await ebb.pass(A_WHILE);
  assert.equal(await notebooks.status(id), "START_FAILED");
  const refusing = t.mock.method(ebb.house.drivers.notebooks, "unmake", async () => {
    throw new Refusal("it is on fire", fire);
  });
  await notebooks.remove(id);
  await ebb.settle();
  const operation = (await ebb.house.lifecycle.operations(id)).at(-1)?.id;
  const body = { step: "remove-container", reason: "it is on fire" };
  const skipped = await ebb.operator("POST", `/operations/${operation}/skip`, body);
  assert.deepEqual([skipped.status, skipped.body.step], [200, "remove-volume"], skipped.text);
  const [leak, ...more] = (await ebb.operator("GET", "/leaks")).body.leaks;
  assert.deepEqual([more.length, leak.type, leak.clear.after], [0, "container", `the delete of ${id} has ended`]);
  const early = await ebb.operator("POST", "/leaks/reclaim", leak.clear.body);
  assert.equal(early.status, 202);
  assert.match(early.body.reclaimed[0].refused.message, /busy with delete/);
  refusing.mock.restore();
  await ebb.pass(A_WHILE);
  const [after] = (await ebb.operator("GET", "/leaks")).body.leaks;
  assert.deepEqual([after.ref, after.clear.after], [leak.ref, undefined]);
});
