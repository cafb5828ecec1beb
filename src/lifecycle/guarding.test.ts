import assert from "node:assert/strict";
import { test } from "node:test";
import { BOX, CALLER, startKernel, THING } from "../../test/kernel.ts";
import { Blocked, type Kind, NotFound, nobodyNeedsIt, nothingInside, WrongState } from "./index.ts";
import { claim } from "./leases.ts";

const LONG = 60_000;

test("two guards that refuse are both heard", async (t) => {
  const guards = [nothingInside("toy.thing"), nobodyNeedsIt];
  const room: Kind = { ...BOX, verbs: { ...BOX.verbs, delete: { ...BOX.verbs.delete!, guards } } };
  const kernel = await startKernel(t, { kinds: [THING, room] });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "inside", parentId: "b1" });
  await kernel.create({ id: "needs", links: [{ target: "b1", role: "needs" }] });
  await assert.rejects(kernel.submit("delete", BOX.name, "b1"), (error: unknown) => {
    assert.ok(error instanceof Blocked);
    assert.deepEqual(error.blockers.map((one) => one.id).toSorted(), ["inside", "needs"]);
    return true;
  });
});

test("what is inside of something inside keeps the parent, too", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "b2", kind: BOX.name, parentId: "b1" });
  await kernel.create({ id: "deep", parentId: "b2" });
  await assert.rejects(
    kernel.submit("delete", BOX.name, "b1"),
    (error: unknown) => error instanceof Blocked && error.blockers[0]?.id === "deep",
  );
});

test("nothing is created inside a parent that is gone, or another tenant's", async (t) => {
  const kernel = await startKernel(t);
  const stranger = { ...CALLER, tenant: "tenant-two" };
  await kernel.create({ id: "gone", kind: BOX.name });
  await kernel.submit("delete", BOX.name, "gone");
  await kernel.create({ id: "theirs", kind: BOX.name }, stranger);
  for (const parent of ["gone", "theirs", "nobody's"]) {
    await assert.rejects(kernel.create({ id: "t1", parentId: parent }), NotFound);
    await assert.rejects(kernel.create({ id: "t1", links: [{ target: parent, role: "needs" }] }), NotFound);
  }
  assert.equal(await kernel.count("resources WHERE kind = 'toy.thing'"), 0);
});

test("a verb is refused in a state that is not its own, and the refusal says which are", async (t) => {
  const poke = { from: ["READY", "BROKEN"], version: 1, plan: () => [] };
  const kernel = await startKernel(t, { kinds: [{ ...THING, verbs: { ...THING.verbs, poke } }] });
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  await kernel.submit("poke", THING.name, "t1");
  await kernel.store.write("test", (tx) => tx.run("UPDATE resources SET state = 'STUCK' WHERE id = 't1'"));
  await assert.rejects(kernel.submit("poke", THING.name, "t1"), (error: unknown) => {
    assert.ok(error instanceof WrongState);
    assert.deepEqual([error.state, error.allowed], ["STUCK", ["READY", "BROKEN"]]);
    return true;
  });
  assert.equal((await kernel.lifecycle.operations("t1")).length, 2);
});

test("a fence only grows from one operation of a resource to the next", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const [made] = await kernel.lifecycle.operations("t1");
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  assert.ok(made && operation.fence > made.fence, `${operation.fence} after ${made?.fence}`);
});

test("an accepted operation has its plan by value, with the plan's version", async (t) => {
  const versioned: Kind = { ...THING, verbs: { ...THING.verbs, create: { ...THING.verbs.create!, version: 7 } } };
  const kernel = await startKernel(t, { kinds: [versioned], stopped: true });
  await kernel.create({ id: "t1" });
  const [operation] = await kernel.lifecycle.operations("t1");
  assert.deepEqual(operation?.plan, { version: 7, steps: ["make"] });
});

test("a step that releases without a proof that its things are gone is never done", async (t) => {
  const unmake = { ...THING.steps.unmake!, probe: async () => ({ is: "done" as const }) };
  const kernel = await startKernel(t, { kinds: [{ ...THING, steps: { ...THING.steps, unmake } }] });
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  const [, operation] = await kernel.lifecycle.operations("t1");
  assert.deepEqual([operation?.state, operation?.step], ["running", 0]);
  assert.match(JSON.stringify(operation?.answer), /without the proof/);
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 1);
});

/** A thing whose creation has two stages of 40 s each, with a deadline of a minute. */
function staged(looks: { performed: number }): Kind {
  const stage = (until: number) => ({
    deadlineMs: 60_000,
    async perform() {
      looks.performed++;
    },
    async probe({ operation, now }: { operation: { acceptedAt: number }; now: number }) {
      const left = operation.acceptedAt + until - now;
      if (left <= 0) return { is: "done" as const };
      return { is: "not-yet" as const, again: 10_000, waitingFor: "its time" };
    },
  });
  return {
    ...THING,
    verbs: { ...THING.verbs, create: { ...THING.verbs.create!, plan: () => ["first", "second"] } },
    steps: { ...THING.steps, first: stage(40_000), second: stage(80_000) },
  };
}

test("each stage has its own deadline, counted from its own beginning", async (t) => {
  const kernel = await startKernel(t, { kinds: [staged({ performed: 0 })] });
  await kernel.create({ id: "t1" });
  await kernel.pass(90_000);
  assert.equal(await kernel.state("t1"), "READY");
});

test("a step that has performed is only looked at until it is done", async (t) => {
  const looks = { performed: 0 };
  const kernel = await startKernel(t, { kinds: [staged(looks)] });
  await kernel.create({ id: "t1" });
  await kernel.pass(90_000);
  assert.equal(looks.performed, 2, "once a stage");
});

test("a process that starts alone on its store waits for no lease of the one before", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  if (!kernel.store.alone) return t.skip("a shared store has other processes");
  await kernel.create({ id: "t1" });
  await kernel.store.write("test", (tx) => claim(tx, "a-process-that-died", kernel.clock.now(), 10));
  await kernel.store.write("test", (tx) => tx.run(`UPDATE operations SET lease_until = ${tx.dbNow} + 3600000`));
  await kernel.lifecycle.start();
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "READY");
});
