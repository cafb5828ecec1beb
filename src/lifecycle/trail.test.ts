import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { record } from "./events.ts";
import { findOperation, type Kind, type Step, trailOf } from "./index.ts";

const LONG = 60_000;

const done: Step = { perform: async () => {}, probe: async () => ({ is: "done" }) };
const waits: Step = {
  perform: async () => {},
  probe: async () => ({ is: "not-yet", again: LONG, waitingFor: "a person" }),
};
const LONG_LIVED: Kind = {
  ...THING,
  verbs: { ...THING.verbs, create: { ...THING.verbs.create!, plan: () => ["one", "two", "one", "hangs", "last"] } },
  steps: { ...THING.steps, one: done, two: done, hangs: waits, last: done },
};

async function trail(kernel: Kernel, id: string) {
  const { store, clock } = kernel;
  return store.read(async (session) => {
    const op = (await findOperation(session, id)) ?? assert.fail(id);
    return trailOf(session, op, clock.now());
  });
}

test("a step that stands twice in a plan has two entries, and a wait is one attempt however often it looks", async (t) => {
  const kernel = await startKernel(t, { kinds: [LONG_LIVED] });
  const { operation } = await kernel.create({ id: "t1" });
  await kernel.pass(3 * LONG);
  const steps = await trail(kernel, operation.id);
  assert.deepEqual(
    steps.map(({ name, state, attempts }) => [name, state, attempts]),
    [
      ["one", "done", 1],
      ["two", "done", 1],
      ["one", "done", 1],
      ["hangs", "current", 1],
      ["last", "waiting", 0],
    ],
  );
  assert.deepEqual(steps[3]?.answer, { is: "not-yet", waitingFor: "a person" });
  assert.equal(steps[3]?.durationMs, 3 * LONG);
});

test("a skipped step says so with its reason, and what a plan has taken over is none of its own", async (t) => {
  const kernel = await startKernel(t, { kinds: [LONG_LIVED] });
  const { operation } = await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const skipped = (step: string) => ({
    at: kernel.clock.now(),
    type: "skipped" as const,
    tenant: operation.tenant,
    resourceId: "t1",
    operationId: operation.id,
    requestId: "r",
    data: { step, reason: "the rack is gone" },
  });
  await kernel.store.write("test", async (tx) => {
    await record(tx, skipped("before the plan"));
    await record(tx, skipped("hangs"));
    await tx.run("UPDATE operations SET step = step + 1, performed = 0, stage_at = ? WHERE id = ?", [
      kernel.clock.now(),
      operation.id,
    ]);
  });
  const steps = await trail(kernel, operation.id);
  assert.deepEqual(
    steps.map(({ state }) => state),
    ["done", "done", "done", "skipped", "current"],
  );
  assert.deepEqual([steps[3]?.answer, steps[3]?.durationMs], [{ is: "skipped", reason: "the rack is gone" }, LONG]);
});
