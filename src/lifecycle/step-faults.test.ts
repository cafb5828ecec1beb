import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { START } from "../../test/store.ts";
import type { StepAnswer } from "../faults/index.ts";

const LONG = 60_000;
const MINUTE = 60_000;

async function withFault(kernel: Kernel, answer: StepAnswer, when: object = {}) {
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const fault = await kernel.faults.add({ on: "step", kind: THING.name, step: "unmake", answer, ...when });
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  return { fault, operation };
}

const newest = async (kernel: Kernel) => {
  const found = (await kernel.lifecycle.operations("t1")).at(-1);
  assert.ok(found);
  return found;
};

const clean = async (kernel: Kernel) => {
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 0);
  assert.deepEqual(await kernel.drivers.notebooks.marked(), []);
};

test("a step that fails three times is tried four times, and then done", async (t) => {
  const kernel = await startKernel(t);
  const unmake = t.mock.method(kernel.drivers.notebooks, "unmake");
  const { fault } = await withFault(kernel, "fails", { first: 3 });
  const op = await newest(kernel);
  assert.deepEqual([op.attempt, unmake.mock.callCount()], [1, 0]);
  assert.match(JSON.stringify(op.answer), new RegExp(`failed: fault ${fault.id}`));
  await kernel.pass(10 * MINUTE);
  assert.equal(await kernel.state("t1"), "ENDED");
  const [counted] = await kernel.faults.list();
  assert.equal(counted?.hits, 3);
  await clean(kernel);
});

test("a step that fails for good ends in the stable failed state, with the reason, and another delete finishes", async (t) => {
  const kernel = await startKernel(t);
  const { fault } = await withFault(kernel, { fails_for_good: "the rack is gone" }, { first: 1 });
  assert.equal(await kernel.state("t1"), "STUCK");
  const { error } = await kernel.lifecycle.get("tenant-one", THING.name, "t1");
  assert.equal(error?.reason, "the rack is gone");
  assert.match(error?.hint ?? "", new RegExp(`ebb fault rm ${fault.id}`));
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
  await clean(kernel);
});

test("a call that hangs holds nothing: its next try comes when the call's time is over", async (t) => {
  const kernel = await startKernel(t);
  const { operation } = await withFault(kernel, "hangs", { first: 1 });
  const op = await newest(kernel);
  assert.equal(op.attempt, 1);
  assert.match(JSON.stringify(op.answer), /has not answered within 120 s/);
  assert.ok(op.dueAt >= START + LONG + 121_000 && op.dueAt < START + LONG + 122_000, `due ${op.dueAt - START}`);
  assert.equal(await kernel.count("operations WHERE owner IS NOT NULL"), 0);
  await kernel.pass(120_000);
  assert.equal(await kernel.state("t1"), "ENDING");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
  assert.equal((await newest(kernel)).id, operation.id);
  await clean(kernel);
});

test("a lost answer is an error of a call that was carried out: the next try finds it done", async (t) => {
  const kernel = await startKernel(t);
  const unmake = t.mock.method(kernel.drivers.notebooks, "unmake");
  await withFault(kernel, "lost-answer", { first: 1 });
  const op = await newest(kernel);
  assert.deepEqual([op.attempt, op.performed, unmake.mock.callCount()], [1, false, 1]);
  assert.match(JSON.stringify(op.answer), /the answer was lost/);
  assert.equal(await kernel.count("sim_things WHERE phase = 'unmaking'"), 1);
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
  await clean(kernel);
});

test("a lost answer of a create makes the thing once", async (t) => {
  const kernel = await startKernel(t);
  await kernel.faults.add({ on: "step", kind: THING.name, verb: "create", answer: "lost-answer", first: 2 });
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "READY");
  assert.equal(await kernel.count("sim_things WHERE made = 1"), 1);
  const [counted] = await kernel.faults.list();
  assert.deepEqual([counted?.calls, counted?.hits], [3, 2]);
});

test("a world that refuses for two minutes is asked again until it agrees", async (t) => {
  const kernel = await startKernel(t);
  await withFault(kernel, "refuses", { for_ms: 2 * MINUTE });
  assert.deepEqual((await newest(kernel)).answer?.is, "refused");
  await kernel.pass(2 * MINUTE - 1);
  assert.equal(await kernel.state("t1"), "ENDING");
  const [during] = await kernel.faults.list();
  assert.ok((during?.hits ?? 0) > 3);
  await kernel.pass(2 * MINUTE);
  assert.equal(await kernel.state("t1"), "ENDED");
  await clean(kernel);
});

test("a fault on one thing, verb or tenant leaves the others alone", async (t) => {
  const kernel = await startKernel(t);
  for (const id of ["t1", "t2"]) await kernel.create({ id });
  await kernel.pass(LONG);
  await kernel.faults.add({ on: "step", resource: "t1", answer: "fails" });
  await kernel.faults.add({ on: "step", verb: "create", answer: "fails" });
  await kernel.faults.add({ on: "step", tenant: "tenant-two", answer: "fails" });
  for (const id of ["t1", "t2"]) await kernel.submit("delete", THING.name, id);
  await kernel.pass(10 * MINUTE);
  assert.deepEqual([await kernel.state("t1"), await kernel.state("t2")], ["ENDING", "ENDED"]);
  assert.deepEqual(
    (await kernel.faults.list()).map(({ hits }) => hits > 0),
    [true, false, false],
  );
});
