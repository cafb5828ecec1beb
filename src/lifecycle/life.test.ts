import assert from "node:assert/strict";
import { test } from "node:test";
import { BOX, CALLER, startKernel, THING } from "../../test/kernel.ts";
import { Refusal } from "../drivers/port.ts";
import { Blocked, Busy, type Kind, NameTaken, NotFound, unmakes, WrongState } from "./index.ts";

const LONG = 60_000;

test("a created thing is held before it is made, and ready only when the world has it", async (t) => {
  const kernel = await startKernel(t);
  let heldAtMake = -1;
  const make = kernel.drivers.notebooks.make.bind(kernel.drivers.notebooks);
  t.mock.method(kernel.drivers.notebooks, "make", async (...args: Parameters<typeof make>) => {
    heldAtMake = await kernel.count("holdings WHERE released_at IS NULL");
    return make(...args);
  });
  await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  assert.equal(heldAtMake, 1);
  assert.equal(await kernel.state("t1"), "MAKING");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "READY");
});

test("a delete ends when a probe says gone, and its holdings carry that proof", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  assert.equal(await kernel.state("t1"), "ENDING");
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 1);
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
  const [holding] = await kernel.store.read((session) =>
    session.all<{ released_by: string; proof: string }>("SELECT * FROM holdings"),
  );
  assert.equal(holding?.released_by, operation.id);
  assert.match(holding?.proof ?? "", /absent for volume-t1-/);
  assert.deepEqual(await kernel.drivers.notebooks.marked(), []);
});

test("a driver that only claims to have unmade a thing is not believed", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const lying = t.mock.method(kernel.drivers.notebooks, "unmake", async () => {});
  await kernel.submit("delete", THING.name, "t1");
  for (let i = 0; i < 5; i++) await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDING");
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 1);
  assert.ok(lying.mock.callCount() >= 1);
});

test("a delete asked again while it runs is the same operation", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const first = await kernel.submit("delete", THING.name, "t1");
  const again = await kernel.submit("delete", THING.name, "t1");
  assert.equal(again.operation.id, first.operation.id);
  assert.equal(again.operation.jobId, first.operation.jobId);
  assert.deepEqual([first.again, again.again], [false, true]);
  assert.equal(await kernel.count("operations WHERE verb = 'delete'"), 1);
});

test("a deleted thing is told apart from none only by its own tenant's answer", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const stranger = { ...CALLER, tenant: "tenant-two" };
  const asStranger = await kernel.submit("delete", THING.name, "t1", stranger).catch((error: unknown) => error);
  const asNone = await kernel.submit("delete", THING.name, "no-such", stranger).catch((error: unknown) => error);
  assert.ok(asStranger instanceof NotFound && asNone instanceof NotFound);
  assert.deepEqual([asStranger.kind, asStranger.gone], [asNone.kind, asNone.gone]);
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  await assert.rejects(
    kernel.submit("delete", THING.name, "t1"),
    (error: unknown) => error instanceof NotFound && error.gone,
  );
});

test("guards name every blocker, and a refused delete changes nothing", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "t1", parentId: "b1" });
  await kernel.create({ id: "t2", parentId: "b1" });
  await kernel.lifecycle.runner.settled();
  const before = await kernel.count("events");
  await assert.rejects(kernel.submit("delete", BOX.name, "b1"), (error: unknown) => {
    assert.ok(error instanceof Blocked);
    assert.deepEqual(
      error.blockers.map((one) => one.id),
      ["t1", "t2"],
    );
    return true;
  });
  assert.equal(await kernel.state("b1"), "READY");
  assert.equal(await kernel.count("events"), before);
  await kernel.submit("delete", THING.name, "t1");
  await assert.rejects(kernel.submit("delete", BOX.name, "b1"), Blocked, "a child that is being deleted still blocks");
});

test("nothing is created inside a parent that is being deleted", async (t) => {
  const slow: Kind = {
    ...BOX,
    verbs: { ...BOX.verbs, delete: { ...BOX.verbs.delete!, plan: () => ["wait"] } },
    steps: {
      wait: { perform: async () => {}, probe: async () => ({ is: "not-yet", again: LONG, waitingFor: "the test" }) },
    },
  };
  const kernel = await startKernel(t, { kinds: [THING, slow] });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.submit("delete", BOX.name, "b1");
  await assert.rejects(kernel.create({ id: "t1", parentId: "b1" }), WrongState);
  await assert.rejects(kernel.create({ id: "t2", links: [{ target: "b1", role: "needs" }] }), WrongState);
  assert.equal(await kernel.count("resources WHERE kind = 'toy.thing'"), 0);
});

test("a thing that another needs is not deleted until that one is gone", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.create({ id: "t2", links: [{ target: "t1", role: "needs" }] });
  await kernel.pass(LONG);
  await assert.rejects(
    kernel.submit("delete", THING.name, "t1"),
    (error: unknown) => error instanceof Blocked && error.blockers[0]?.id === "t2",
  );
  await kernel.submit("delete", THING.name, "t2");
  await kernel.pass(LONG);
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
});

test("a delete during creation replaces it, and waits for its call into the world to come back", async (t) => {
  const kernel = await startKernel(t);
  const called = Promise.withResolvers<void>();
  const latch = Promise.withResolvers<void>();
  const make = kernel.drivers.notebooks.make.bind(kernel.drivers.notebooks);
  t.mock.method(kernel.drivers.notebooks, "make", async (...args: Parameters<typeof make>) => {
    called.resolve();
    await latch.promise;
    return make(...args);
  });
  const unmake = t.mock.method(kernel.drivers.notebooks, "unmake");
  await kernel.create({ id: "t1" });
  await called.promise;
  await kernel.submit("delete", THING.name, "t1");
  assert.equal(await kernel.state("t1"), "ENDING");
  for (let turn = 0; turn < 20; turn++) {
    kernel.lifecycle.runner.wake();
    await kernel.store.write("test", async () => {});
  }
  assert.equal(unmake.mock.callCount(), 0);
  latch.resolve();
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
  assert.deepEqual(await kernel.drivers.notebooks.marked(), []);
  assert.equal(await kernel.count("operations WHERE state = 'aborted' AND verb = 'create'"), 1);
});

test("a failure that may pass is tried again with growing waits, without end", async (t) => {
  const kernel = await startKernel(t);
  const attempts: number[] = [];
  t.mock.method(kernel.drivers.notebooks, "make", async () => {
    attempts.push(kernel.clock.now());
    throw new Error("connection reset");
  });
  await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  for (let i = 0; i < 60; i++) await kernel.pass(10_000);
  const waits = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
  assert.ok(attempts.length > 10, `${attempts.length} attempts`);
  assert.ok((waits.at(-1) ?? 0) >= 60_000 && (waits.at(-1) ?? 0) <= 80_000, `last wait ${waits.at(-1)}`);
  assert.equal(await kernel.state("t1"), "MAKING");
});

test("a failure for good stops in a stable state, says why, and a new delete finishes", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const refusing = t.mock.method(kernel.drivers.notebooks, "unmake", async () => {
    throw new Refusal("the disk is bad", { owner: "an operator", hint: "replace the disk", forGood: true });
  });
  await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  const stuck = await kernel.lifecycle.get(CALLER.tenant, THING.name, "t1");
  assert.equal(stuck.state, "STUCK");
  assert.deepEqual(
    { ...stuck.error, at: 0 },
    {
      verb: "delete",
      step: "unmake",
      reason: "the disk is bad",
      owner: "an operator",
      hint: "replace the disk",
      at: 0,
    },
  );
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 1);
  refusing.mock.restore();
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
});

test("a name is taken while its resource lives, and free again afterwards", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1", name: "same", unique: true });
  await assert.rejects(kernel.create({ id: "t2", name: "same", unique: true }), NameTaken);
  await kernel.create({ id: "t3", name: "same", unique: true }, { ...CALLER, tenant: "tenant-two" });
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  await kernel.create({ id: "t4", name: "same", unique: true });
});

test("a second verb on a busy resource is refused, a verb for another state too", async (t) => {
  const poke = { from: ["READY"], version: 1, plan: () => ["wait"] };
  const busy: Kind = {
    ...THING,
    verbs: { ...THING.verbs, poke },
    steps: {
      ...THING.steps,
      wait: { perform: async () => {}, probe: async () => ({ is: "not-yet", again: LONG, waitingFor: "the test" }) },
    },
  };
  const kernel = await startKernel(t, { kinds: [busy] });
  await kernel.create({ id: "t1" });
  await assert.rejects(kernel.submit("poke", THING.name, "t1"), Busy);
  await kernel.pass(LONG);
  await kernel.submit("poke", THING.name, "t1");
  assert.equal(await kernel.state("t1"), "READY", "a verb without states leaves the state alone");
  await assert.rejects(kernel.submit("delete", THING.name, "t1"), Busy);
  await assert.rejects(kernel.submit("poke", THING.name, "t1"), Busy, "only a delete may be asked again");
});

test("a state outside the closed table is refused, and so is an end with something still held", async (t) => {
  const forgetful: Kind = { ...THING, steps: { ...THING.steps, unmake: { ...unmakes("notebooks", "container") } } };
  const kernel = await startKernel(t, { kinds: [forgetful] });
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  await assert.rejects(
    kernel.lifecycle.accept(CALLER, async (accepting) =>
      accepting.change(await accepting.get(THING.name, "t1"), { state: "MAKING" }),
    ),
    /cannot go from READY to MAKING/,
  );
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDING", "the volume is still held, so it is not gone");
  const [, operation] = await kernel.lifecycle.operations("t1");
  assert.equal(operation?.state, "running");
  assert.match(JSON.stringify(operation?.answer), /still holds volume-t1-/);
});

test("an alarm starts its verb on time, and not once the state has changed", async (t) => {
  const armed: Kind = {
    ...THING,
    verbs: {
      ...THING.verbs,
      create: {
        ...THING.verbs.create!,
        after: (effects, resource) => effects.alarm(resource, effects.now + 3_600_000, "delete"),
      },
    },
  };
  const kernel = await startKernel(t, { kinds: [armed] });
  await kernel.create({ id: "t1" });
  await kernel.create({ id: "t2" });
  await kernel.pass(LONG);
  await kernel.submit("delete", THING.name, "t2");
  await kernel.pass(LONG);
  assert.equal(await kernel.count("resources WHERE alarm_at IS NOT NULL"), 1);
  assert.equal(await kernel.state("t1"), "READY");
  await kernel.pass(3_600_000);
  assert.equal(await kernel.state("t1"), "ENDED");
  assert.equal((await kernel.lifecycle.operations("t1"))[1]?.requestId, "alarm");
});

test("a plan with a step that this program does not know stops and says so", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  const { operation } = await kernel.create({ id: "t1" });
  await kernel.store.write("test", (tx) =>
    tx.run("UPDATE operations SET plan = ? WHERE id = ?", ['{"version":99,"steps":["from-the-future"]}', operation.id]),
  );
  await kernel.lifecycle.start();
  await kernel.lifecycle.runner.settled();
  assert.equal(await kernel.state("t1"), "BROKEN");
  assert.match(
    (await kernel.lifecycle.operations("t1"))[0]?.error?.reason ?? "",
    /does not know the step from-the-future of plan version 99/,
  );
});

test("what is half deleted is not revived: only another delete is accepted", async (t) => {
  const poke = {
    from: ["READY", "STUCK"],
    during: "MAKING",
    then: "READY",
    failed: "BROKEN",
    version: 1,
    plan: () => ["make"],
  };
  const kernel = await startKernel(t, { kinds: [{ ...THING, verbs: { ...THING.verbs, poke } }] });
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const refusing = t.mock.method(kernel.drivers.notebooks, "unmake", async () => {
    throw new Refusal("the disk is bad", { owner: "an operator", hint: "replace the disk", forGood: true });
  });
  await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  await assert.rejects(kernel.submit("poke", THING.name, "t1"), WrongState);
  assert.equal(await kernel.state("t1"), "STUCK");
  refusing.mock.restore();
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
});

test("an alarm whose verb this program does not have is dropped, and keeps nothing else waiting", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  await kernel.store.write("test", (tx) =>
    tx.run("UPDATE resources SET alarm_at = ?, alarm_verb = 'from-the-future' WHERE id = 't1'", [kernel.clock.now()]),
  );
  await kernel.create({ id: "t2" });
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t2"), "READY");
  assert.equal(await kernel.count("resources WHERE alarm_at IS NOT NULL"), 0);
});

test("a change that is asked for again after a crash is not begun anew", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  const { servers } = kernel.drivers;
  const stamp = { tenant: CALLER.tenant, kind: THING.name, resourceId: "s1", incarnation: "1", operationId: "o1" };
  await servers.change("machine", "s1", { power: "rebooted" }, { ...stamp, fence: 1 });
  kernel.clock.advance(LONG);
  await servers.change("machine", "s1", { power: "rebooted" }, { ...stamp, fence: 2 });
  const look = await servers.look("machine", "s1");
  assert.deepEqual(look, { is: "changing", again: LONG });
  await assert.rejects(
    servers.change("machine", "s1", { power: "off" }, { ...stamp, fence: 1 }),
    Refusal,
    "the repeated call has raised the fence",
  );
});
