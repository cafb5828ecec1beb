import assert from "node:assert/strict";
import { test } from "node:test";
import { CALLER, startKernel, THING } from "../../test/kernel.ts";
import { START } from "../../test/store.ts";
import { MovableClock } from "../clock.ts";
import { createIds } from "../ids.ts";
import { silentLog } from "../log.ts";
import { type Kind, Lifecycle, Refused } from "./index.ts";
import { KeptClock } from "./kept-clock.ts";
import { LEASE_MS } from "./leases.ts";

const MINUTE = 60_000;
/** Real ms that these tests give to what makes no progress. */
const patienceMs = 50;

test("time passes from one due time to the next, with all that follows from each", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  const made = await kernel.lifecycle.time.advance({ by: MINUTE });
  assert.equal(await kernel.state("t1"), "READY");
  assert.deepEqual([made.now, made.advanced, made.stops], [START + MINUTE, MINUTE, 1]);
  const resource = await kernel.lifecycle.get(CALLER.tenant, THING.name, "t1");
  assert.equal(resource.updatedAt, START + 10_000, "it was ready when it fell due, not when the minute was over");
});

test("the next thing due is an operation or an alarm, and an advance goes just there", async (t) => {
  const armed: Kind = {
    ...THING,
    verbs: {
      ...THING.verbs,
      create: {
        ...THING.verbs.create!,
        after: (effects, thing) => effects.alarm(thing, effects.now + 5 * MINUTE, "delete"),
      },
    },
  };
  const kernel = await startKernel(t, { kinds: [armed] });
  const { time } = kernel.lifecycle;
  await assert.rejects(time.advance({ to: "next" }), Refused);
  await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  const { next } = await time.show();
  assert.deepEqual([next?.dueAt, next?.verb, next?.step, next?.resourceId], [START + 10_000, "create", "make", "t1"]);
  const ready = await time.advance({ to: "next" });
  assert.deepEqual([ready.now, ready.next?.verb, ready.next?.operationId], [START + 10_000, "delete", null]);
  await time.advance({ to: "next" });
  assert.equal(await kernel.state("t1"), "ENDING");
  await time.advance({ to: "next" });
  assert.equal(await kernel.state("t1"), "ENDED");
  await assert.rejects(time.advance({ to: START }), /only moves forward/);
});

test("a step that hangs is left behind, and everything else goes on", async (t) => {
  const kernel = await startKernel(t);
  const latch = Promise.withResolvers<void>();
  t.after(() => latch.resolve());
  const make = kernel.drivers.notebooks.make.bind(kernel.drivers.notebooks);
  t.mock.method(kernel.drivers.notebooks, "make", async (...args: Parameters<typeof make>) => {
    if (args[1].startsWith("volume-t1-")) await latch.promise;
    return make(...args);
  });
  await kernel.create({ id: "t1" });
  await kernel.create({ id: "t2" });
  const passed = await kernel.lifecycle.time.advance({ by: MINUTE }, { patienceMs });
  assert.equal(passed.now, START + MINUTE);
  assert.deepEqual(
    passed.underWay.map(({ resourceId, step }) => [resourceId, step]),
    [["t1", "make"]],
  );
  assert.equal(await kernel.state("t2"), "READY");
  latch.resolve();
  await kernel.lifecycle.time.advance({ by: MINUTE });
  assert.equal(await kernel.state("t1"), "READY");
});

test("what another process has leased is waited for as long as it moves, and no longer", async (t) => {
  const kernel = await startKernel(t);
  const { operation } = await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  await kernel.store.write("test", (tx) =>
    tx.run(`UPDATE operations SET owner = 'another', lease_until = ${tx.dbNow} + 600000 WHERE id = ?`, [operation.id]),
  );
  const passed = await kernel.lifecycle.time.advance({ by: MINUTE }, { patienceMs });
  assert.deepEqual([passed.now, passed.underWay[0]?.operationId], [START + MINUTE, operation.id]);
  await kernel.store.write("test", (tx) => tx.run(`UPDATE operations SET lease_until = ${tx.dbNow} - ${LEASE_MS}`));
  await kernel.lifecycle.time.advance({ by: 1 });
  assert.equal(await kernel.state("t1"), "READY");
});

test("two advances at a time are one after the other", async (t) => {
  const kernel = await startKernel(t);
  const { time } = kernel.lifecycle;
  await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  await Promise.all([time.advance({ by: MINUTE }), time.advance({ by: MINUTE }), time.freeze()]);
  assert.equal(kernel.clock.now(), START + 2 * MINUTE);
  const { updatedAt } = await kernel.lifecycle.get(CALLER.tenant, THING.name, "t1");
  assert.equal(updatedAt, START + 10_000, "neither went past what fell due in the other");
});

test("a process does not move time before it has taken on what another did", async (t) => {
  const kernel = await startKernel(t);
  const [one, two] = [new MovableClock({ frozenAt: START }), new MovableClock({ frozenAt: START })];
  const [first, second] = [new KeptClock(kernel.store, one), new KeptClock(kernel.store, two)];
  assert.equal(await first.move(MINUTE), true);
  assert.equal(await second.move(MINUTE), false);
  assert.deepEqual([one.now(), two.now()], [START + MINUTE, START]);
  await second.load();
  assert.equal(await second.move(MINUTE), true);
  await first.load();
  assert.deepEqual([one.now(), two.now()], [START + 2 * MINUTE, START + 2 * MINUTE]);
  await first.resume();
  await second.load();
  assert.equal(two.frozen, false);
});

test("a change of the clock that fails changes nothing", async (t) => {
  let full = false;
  const kernel = await startKernel(t, {
    hooks: {
      beforeCommit: (points) => {
        if (full && points.includes("clock")) throw new Error("the disk is full");
      },
    },
  });
  const { time } = kernel.lifecycle;
  await time.resume();
  full = true;
  await assert.rejects(time.freeze(), /disk is full/);
  await assert.rejects(time.advance({ by: MINUTE }), /disk is full/);
  const { frozen, ahead } = await time.show();
  assert.equal(frozen, false);
  assert.ok(ahead < START + MINUTE - Date.now());
});

test("an Ebb that stops ends an advance at its next stop", async (t) => {
  const hook: { moved?: () => void } = {};
  const afterCommit = (points: readonly string[]) => points.includes("clock") && hook.moved?.();
  const kernel = await startKernel(t, { hooks: { afterCommit } });
  const { time } = kernel.lifecycle;
  await kernel.create({ id: "t1" });
  hook.moved = () => time.close();
  await assert.rejects(time.advance({ by: MINUTE }), Refused);
  assert.equal(kernel.clock.now(), START + 10_000);
  await assert.rejects(time.freeze(), Refused);
});

test("a clock that is handed in stands where it was put, until the store has kept another", async (t) => {
  const kernel = await startKernel(t);
  await kernel.lifecycle.time.advance({ by: MINUTE });
  await kernel.lifecycle.stop();
  const clock = new MovableClock({ frozenAt: START });
  const { store, drivers } = kernel;
  const house = { store, clock, drivers, ids: createIds(), kinds: [THING], log: silentLog, retainMs: MINUTE };
  const next = new Lifecycle(house);
  assert.equal(clock.now(), START);
  await next.start();
  assert.equal(clock.now(), START + MINUTE);
  await next.stop();
});
