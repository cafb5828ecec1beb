import assert from "node:assert/strict";
import { test } from "node:test";
import { BOX, CALLER, type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { Refusal } from "../drivers/port.ts";
import { childrenGone, type Kind, NoSuch, type Step, unmakes, type Why } from "./index.ts";
import { ownerFrom } from "./why-condition.ts";

const LONG = 60_000;

const forGood = () => {
  throw new Refusal("the disk is bad", { owner: "an operator", hint: "replace the disk", forGood: true });
};

/** A box that takes its things with it. */
const TAKING: Kind = {
  ...BOX,
  verbs: {
    ...BOX.verbs,
    delete: { ...BOX.verbs.delete!, guards: [], cascade: [THING.name, BOX.name], plan: () => ["emptied"] },
  },
  steps: { emptied: childrenGone(THING.name, BOX.name) },
};

const waitsOn = (other: string): Step => ({
  perform: async () => {},
  probe: async () => ({ is: "not-yet", again: LONG, waitingFor: other, on: [other] }),
});

async function ready(kernel: Kernel, id = "t1"): Promise<void> {
  await kernel.create({ id });
  await kernel.pass(LONG);
}

/** What is the same in each answer, whatever it says. */
function assertWhole(why: Why): void {
  assert.ok(why.summary.includes(why.resource.id), why.summary);
  assert.doesNotMatch(why.summary, /undefined|null|NaN/);
  const wrong = !["well", "gone"].includes(why.is);
  assert.equal(why.unblock !== null, wrong || why.leaks.length > 0, why.summary);
  assert.equal(why.owner !== null, wrong || why.leaks.length > 0, why.summary);
}

async function whyOf(kernel: Kernel, id: string): Promise<Why> {
  const why = await kernel.lifecycle.why(id);
  assertWhole(why);
  return why;
}

test("what is ready is said to be so, since when, and nobody has a move", async (t) => {
  const kernel = await startKernel(t);
  await ready(kernel);
  const why = await whyOf(kernel, "t1");
  assert.match(why.summary, /^nothing is wrong: toy\.thing t1 is READY since 2026-01-05T08:00:10\.000Z$/);
  assert.deepEqual([why.is, why.owner, why.unblock, why.operation, why.nextTryAt], ["well", null, null, null, null]);
});

test("what waits for the world says for what, until when, and that time is what it needs", async (t) => {
  const kernel = await startKernel(t);
  await ready(kernel);
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  const still = await whyOf(kernel, "t1");
  assert.deepEqual([still.is, still.step, still.operation, still.verb], ["waiting", "unmake", operation.id, "delete"]);
  assert.match(still.waitingFor ?? "", /^volume-t1-\w+ is unmaking$/);
  assert.equal(still.nextTryAt, kernel.clock.now() + 10_000);
  assert.deepEqual([still.owner, still.unblock?.needed], ["an operator", true]);
  assert.match(still.unblock?.say ?? "", /the clock stands still/);
  assert.equal(still.unblock?.cli, "ebb clock advance 10s");
  kernel.clock.resume();
  const going = await whyOf(kernel, "t1");
  assert.deepEqual([going.owner, going.unblock?.needed], ["the driver's machine", false]);
  assert.match(going.unblock?.say ?? "", /^nothing: it goes on by itself in/);
  assert.equal((await kernel.lifecycle.why(operation.id)).resource.id, "t1", "an operation stands for its resource");
});

test("an error of a call passes by itself; who is not of Ebb or the machine has to be moved", async (t) => {
  const kernel = await startKernel(t);
  await ready(kernel);
  const { notebooks } = kernel.drivers;
  const dead = t.mock.method(notebooks, "unmake", () => Promise.reject(new Error("the line is dead")));
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(1_500);
  const transient = await whyOf(kernel, "t1");
  assert.deepEqual([transient.is, transient.owner, transient.tries], ["refused", "the driver's machine", 2]);
  assert.equal(transient.reason, "the line is dead");
  assert.match(transient.unblock?.cli ?? "", /^ebb clock advance/);
  assert.equal(transient.since, operation.acceptedAt);
  dead.mock.restore();
  t.mock.method(notebooks, "unmake", () =>
    Promise.reject(
      new Refusal("a snapshot needs it", { owner: "a person of the storage team", hint: "remove the snapshot" }),
    ),
  );
  await kernel.pass(LONG);
  const refused = await whyOf(kernel, "t1");
  assert.deepEqual([refused.is, refused.owner, refused.unblock?.needed], ["refused", "an operator", true]);
  assert.match(refused.summary, /was refused in step unmake: a snapshot needs it \(tried \d+ times; again in /);
  assert.match(refused.unblock?.say ?? "", /^remove the snapshot; /);
  assert.equal(refused.unblock?.cli, `ebb skip ${operation.id} --step unmake --reason "..."`);
  assert.equal(refused.unblock?.call?.path, `/ebb/v1/operations/${operation.id}/skip`);
});

test("a create that is refused is put right, or given up by the delete that replaces it", async (t) => {
  const kernel = await startKernel(t);
  t.mock.method(kernel.drivers.notebooks, "make", () =>
    Promise.reject(new Refusal("no quota", { owner: "the caller", hint: "raise the quota" })),
  );
  await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  const why = await whyOf(kernel, "t1");
  assert.deepEqual([why.is, why.owner, why.verb], ["refused", "the caller", "create"]);
  assert.match(why.unblock?.say ?? "", /^raise the quota; .*Or give it up: delete it$/);
  assert.equal(why.unblock?.cli, "ebb rm t1");
});

test("what has stopped for good says in which step, after how many tries, and that another delete mends it", async (t) => {
  const kernel = await startKernel(t);
  await ready(kernel);
  const bad = t.mock.method(kernel.drivers.notebooks, "unmake", async () => forGood());
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  const failedAt = kernel.clock.now();
  await kernel.pass(LONG);
  const why = await whyOf(kernel, "t1");
  assert.deepEqual(
    [why.is, why.operation, why.verb, why.step, why.reason, why.tries, why.nextTryAt],
    ["failed", operation.id, "delete", "unmake", "the disk is bad", 1, null],
  );
  assert.equal(why.since, failedAt);
  assert.match(why.unblock?.say ?? "", /^replace the disk; then delete it again$/);
  assert.deepEqual(why.unblock?.call, { method: "POST", path: "/ebb/v1/teardowns", body: { ids: ["t1"] } });
  bad.mock.restore();
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  const gone = await whyOf(kernel, "t1");
  assert.equal(gone.is, "gone");
  assert.equal(gone.since, failedAt + LONG + 10_000);
  assert.match(gone.summary, /^toy\.thing t1 is gone: ENDED since 2026-\S+ by delete, operation /);
  assert.notEqual(gone.operation, operation.id, "by the second delete");
});

test("a chain of waits is followed to its root, and has that one's owner and call", async (t) => {
  const kernel = await startKernel(t, { kinds: [THING, TAKING] });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "b2", kind: BOX.name, parentId: "b1" });
  await kernel.create({ id: "fine", parentId: "b2" });
  await kernel.create({ id: "bad", parentId: "b2" });
  await kernel.pass(LONG);
  const unmake = kernel.drivers.notebooks.unmake.bind(kernel.drivers.notebooks);
  const mock = t.mock.method(kernel.drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) =>
    args[1].startsWith("volume-bad") ? forGood() : unmake(...args),
  );
  await kernel.submit("delete", BOX.name, "b1");
  await kernel.lifecycle.runner.settled();
  const top = await whyOf(kernel, "b1");
  assert.equal(top.because[0]?.resource.id, "b2");
  const [first] = top.because[0]?.because ?? [];
  assert.deepEqual([first?.resource.id, first?.is], ["bad", "failed"]);
  assert.match(
    top.summary,
    /waits in step emptied: toy\.box b2 \(.*at the root of it: delete of toy\.thing bad has stopped for good/,
  );
  assert.deepEqual([top.is, top.owner, top.unblock?.cli], ["waiting", "an operator", "ebb rm bad"]);
  await kernel.pass(LONG);
  const middle = await whyOf(kernel, "b2");
  assert.deepEqual([middle.is, middle.unblock?.cli], ["refused", "ebb rm bad"]);
  mock.mock.restore();
  await kernel.submit("delete", THING.name, "bad");
  await kernel.lifecycle.runner.settled();
  const mended = await whyOf(kernel, "b1");
  assert.match(mended.unblock?.cli ?? "", /^ebb clock advance/, "what is mended only waits for its time");
  await kernel.pass(LONG);
  assert.equal((await whyOf(kernel, "b1")).is, "gone");
});

test("a ring of waits ends where it began", async (t) => {
  const ringed: Kind = {
    ...THING,
    verbs: { ...THING.verbs, create: { ...THING.verbs.create!, plan: ({ id }) => [`on-${id}`] } },
    steps: { ...THING.steps, "on-t1": waitsOn("t2"), "on-t2": waitsOn("t1") },
  };
  const kernel = await startKernel(t, { kinds: [ringed] });
  await kernel.create({ id: "t1" });
  await kernel.create({ id: "t2" });
  await kernel.lifecycle.runner.settled();
  const why = await whyOf(kernel, "t1");
  assert.deepEqual([why.because.map((one) => one.resource.id), why.because[0]?.because], [["t2"], []]);
});

test("a long chain and a wide one are answered as far as is useful", async (t) => {
  const kernel = await startKernel(t, { kinds: [THING, TAKING] });
  for (let level = 0; level < 12; level++)
    await kernel.create({ id: `b${level}`, kind: BOX.name, ...(level > 0 ? { parentId: `b${level - 1}` } : {}) });
  await kernel.create({ id: "deep", parentId: "b11" });
  for (let index = 0; index < 20; index++) await kernel.create({ id: `t${index}`, parentId: "b0" });
  await kernel.pass(LONG);
  await kernel.submit("delete", BOX.name, "b0");
  await kernel.lifecycle.runner.settled();
  const depthOf = (why: Why): number => 1 + Math.max(0, ...why.because.map(depthOf));
  const top = await whyOf(kernel, "b0");
  assert.equal(top.because.length, 10);
  assert.equal(depthOf(top), 9);
});

test("while a call is under way, Ebb is at it; the delete that replaces it waits for it to come back", async (t) => {
  const kernel = await startKernel(t);
  const inside = Promise.withResolvers<void>();
  const latch = Promise.withResolvers<void>();
  const { notebooks } = kernel.drivers;
  const make = notebooks.make.bind(notebooks);
  t.mock.method(notebooks, "make", async (...args: Parameters<typeof make>) => {
    inside.resolve();
    await latch.promise;
    return make(...args);
  });
  const created = await kernel.create({ id: "t1" });
  await inside.promise;
  const working = await whyOf(kernel, "t1");
  assert.deepEqual([working.is, working.owner, working.operation], ["working", "Ebb", created.operation.id]);
  assert.equal(working.unblock?.needed, false);
  await kernel.submit("delete", THING.name, "t1");
  const held = await whyOf(kernel, "t1");
  assert.deepEqual([held.is, held.owner, held.verb], ["held-back", "Ebb", "delete"]);
  assert.match(held.summary, /until the last call of what it has replaced comes back/);
  latch.resolve();
  await kernel.pass(LONG);
  assert.equal((await whyOf(kernel, "t1")).is, "gone");
});

test("what is accepted and not yet taken up says so, and so does a state that nothing would end", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  await kernel.create({ id: "t1" });
  assert.deepEqual([(await whyOf(kernel, "t1")).is, (await whyOf(kernel, "t1")).owner], ["due", "Ebb"]);
  await kernel.store.write("test", (tx) => tx.run("DELETE FROM operations"));
  const stranded = await whyOf(kernel, "t1");
  assert.deepEqual([stranded.is, stranded.owner, stranded.unblock?.needed], ["stranded", "Ebb", false]);
  assert.match(stranded.unblock?.say ?? "", /the scan starts it again within a minute/);
});

test("an alarm is told before it rings", async (t) => {
  const alarmed: Kind = {
    ...THING,
    verbs: {
      ...THING.verbs,
      create: { ...THING.verbs.create!, after: (effects, one) => effects.alarm(one, effects.now + LONG, "delete") },
    },
  };
  const kernel = await startKernel(t, { kinds: [alarmed] });
  await kernel.create({ id: "t1" });
  await kernel.pass(10_000);
  const why = await whyOf(kernel, "t1");
  assert.deepEqual([why.is, why.alarm], ["well", { verb: "delete", at: kernel.clock.now() + LONG }]);
  assert.match(why.summary, /; delete starts by itself at 2026-/);
});

test("what a skipped step left behind is told as long as no probe has said gone", async (t) => {
  const kernel = await startKernel(t);
  await ready(kernel);
  await kernel.store.write("test", (tx) =>
    tx.run(
      "UPDATE holdings SET skipped_by = 'o', skipped_step = 'unmake', skipped_at = ?, skip_reason = 'the rack is gone'",
      [kernel.clock.now()],
    ),
  );
  const why = await whyOf(kernel, "t1");
  assert.deepEqual(
    [why.owner, why.leaks[0]?.skippedStep, why.leaks[0]?.reason],
    ["an operator", "unmake", "the rack is gone"],
  );
  assert.match(why.unblock?.cli ?? "", /^ebb leaks reclaim volume-t1-/);
});

test("what is done about a thing that is gone does not take the place of what took it away", async (t) => {
  const kernel = await startKernel(t);
  await ready(kernel);
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  const columns =
    "job_id, resource_id, kind, tenant, label, plan, step, performed, attempt, due_at, stage_at, request_id, accepted_at";
  await kernel.store.write("test", (tx) =>
    tx.run(
      `INSERT INTO operations (id, verb, state, fence, ${columns})
         SELECT 'later', 'reclaim', 'running', fence + 1, ${columns} FROM operations WHERE id = ?`,
      [operation.id],
    ),
  );
  const why = await whyOf(kernel, "t1");
  assert.deepEqual([why.is, why.operation, why.verb], ["gone", operation.id, "delete"]);
});

test("an unknown id has no answer", async (t) => {
  const kernel = await startKernel(t);
  await assert.rejects(kernel.lifecycle.why("nothing"), NoSuch);
});

test("whoever is named, the next move is one of four", () => {
  const named = ["Ebb", "the driver's machine", "the world", "the caller", "the tenant", "an operator", "a person", ""];
  assert.deepEqual(named.map(ownerFrom), [
    "Ebb",
    "the driver's machine",
    "the driver's machine",
    "the caller",
    "the caller",
    "an operator",
    "an operator",
    "an operator",
  ]);
});

test("a step that looks at relatives is not mistaken for one that waits for them", async (t) => {
  const kernel = await startKernel(t, {
    kinds: [{ ...THING, steps: { ...THING.steps, unmake: unmakes("notebooks", "volume") } }, TAKING],
  });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "t1", parentId: "b1" }, CALLER);
  await kernel.lifecycle.runner.settled();
  assert.deepEqual((await whyOf(kernel, "t1")).because, []);
});
