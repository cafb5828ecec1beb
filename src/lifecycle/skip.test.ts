import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { BOX, CALLER, type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { containerOf, PAIR, volumeOf } from "../../test/pair.ts";
import { Refusal } from "../drivers/port.ts";
import { findReceipts, listHeld, NoSuch, type Operation, Refused, trailOf, triesOf } from "./index.ts";

const LONG = 10 * 60_000;
const REASON = "the host is on fire";

const skip = (kernel: Kernel, { id }: Pick<Operation, "id">, step: string, reason = REASON) =>
  kernel.lifecycle.skip({ operationId: id, step, reason, requestId: "request-skip" });
const heldBy = (kernel: Kernel, id: string) => kernel.store.read((session) => listHeld(session, id));
const leaks = async (kernel: Kernel) => (await kernel.lifecycle.leaks({ limit: 100 })).leaks;

/** Everything that a refused skip must leave as it was. */
const everything = (kernel: Kernel) =>
  kernel.store.read(async (session) => [
    await session.all("SELECT * FROM operations ORDER BY id"),
    await session.all("SELECT * FROM holdings ORDER BY seq"),
    await session.all("SELECT * FROM resources ORDER BY id"),
    await session.all("SELECT * FROM events ORDER BY seq"),
  ]);

/** The world refuses to unmake things of one type, from now on; `restore` ends that. */
function refuseToUnmake(t: TestContext, kernel: Kernel, type: string, forGood = false) {
  const unmake = kernel.drivers.notebooks.unmake.bind(kernel.drivers.notebooks);
  return t.mock.method(kernel.drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) => {
    if (args[0] === type) throw new Refusal(REASON, { owner: "an operator", hint: "put it out", forGood });
    return unmake(...args);
  }).mock;
}

async function pairBeingDeleted(t: TestContext, type: string, forGood = false) {
  const kernel = await startKernel(t, { kinds: [PAIR, BOX] });
  await kernel.create({ id: "b1", kind: BOX.name });
  const { resource } = await kernel.create({ id: "p1", kind: PAIR.name, parentId: "b1" });
  await kernel.pass(LONG);
  const refusing = refuseToUnmake(t, kernel, type, forGood);
  const { operation } = await kernel.submit("delete", PAIR.name, "p1");
  await kernel.pass(LONG);
  return { kernel, resource, operation, refusing };
}

test("a delete goes on after the step that was skipped, and ends with only that step's things held", async (t) => {
  const { kernel, resource, operation, refusing } = await pairBeingDeleted(t, "container");
  const next = await skip(kernel, operation, "remove-container");
  assert.deepEqual([next.id, next.state, next.plan.steps[next.step]], [operation.id, "running", "remove-volume"]);
  await kernel.pass(LONG);
  assert.equal(await kernel.state("p1"), "ENDED");
  const [only, ...more] = await heldBy(kernel, "p1");
  assert.deepEqual(more, []);
  assert.equal(only?.ref, containerOf(resource));
  assert.deepEqual({ ...only?.skipped, at: 0 }, { by: operation.id, step: "remove-container", reason: REASON, at: 0 });
  const found = await kernel.store.read((session) => findReceipts(session, operation.id));
  const holdings = found?.receipt.body.holdings as {
    ref: string;
    released_at: string | null;
    skipped: object | null;
  }[];
  assert.deepEqual(
    holdings.map((one) => [one.ref, one.released_at !== null, one.skipped !== null]),
    [
      [volumeOf(resource), true, false],
      [containerOf(resource), false, true],
    ],
  );
  assert.deepEqual(
    found?.receipt.body.steps.map(({ answer }) => answer),
    ["skipped", "gone"],
  );
  refusing.restore();
});

test("what was skipped counts as gone for its parent, is no bug, and stays on the list until a probe says gone", async (t) => {
  const { kernel, resource, operation, refusing } = await pairBeingDeleted(t, "volume");
  await skip(kernel, operation, "remove-volume");
  assert.equal(await kernel.state("p1"), "ENDED", "the last step: the delete is over at once");
  await kernel.submit("delete", BOX.name, "b1");
  assert.equal(await kernel.state("b1"), "ENDED");
  assert.deepEqual(await kernel.lifecycle.scan(), { stranded: 0, overdue: 0, leaked: 0, unheld: 0, purged: 0 });
  await kernel.pass(24 * 3_600_000);
  await kernel.lifecycle.scan();
  assert.equal(await kernel.count("resources WHERE id = 'p1'"), 1, "with it goes what is known of it");
  assert.deepEqual(
    (await leaks(kernel)).map(({ why, ref, reason, operationId }) => [why, ref, reason, operationId]),
    [["skipped", volumeOf(resource), REASON, operation.id]],
  );
  refusing.restore();
  const { reclaimed } = await kernel.lifecycle.reclaim({ requestId: "request-reclaim" });
  await kernel.lifecycle.runner.settled();
  assert.equal((await leaks(kernel)).length, 1, "asked for is not proved");
  await kernel.pass(LONG);
  assert.deepEqual(await leaks(kernel), []);
  assert.deepEqual(await kernel.drivers.notebooks.marked(), []);
  const found = await kernel.store.read((session) => findReceipts(session, operation.id));
  const [later] = found?.later ?? [];
  const [one] = reclaimed;
  assert.ok(one && "operation" in one && later);
  assert.deepEqual(
    [later.body.type, later.body.of, later.body.operation_id, later.body.request_id],
    ["reclaimed", operation.id, one.operation.id, "request-reclaim"],
  );
  const [holding] = later.body.holdings;
  assert.deepEqual(
    [holding?.released_step, holding?.proof],
    ["reclaim", `notebooks answered absent for ${volumeOf(resource)}`],
  );
  assert.ok(holding?.skipped, "that it was skipped stays known");
  const before = found?.receipt.body.holdings.find(({ skipped }) => skipped);
  assert.equal(before?.released_at, null, "the delete's own receipt is not written anew");
});

test("a step is skipped in the middle of a driver's call: the delete goes on at once, and the late call counts for nothing", async (t) => {
  const kernel = await startKernel(t, { kinds: [PAIR] });
  const { resource } = await kernel.create({ id: "p1", kind: PAIR.name });
  await kernel.pass(LONG);
  const latch = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  const unmake = kernel.drivers.notebooks.unmake.bind(kernel.drivers.notebooks);
  t.mock.method(kernel.drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) => {
    if (args[0] === "container") {
      called.resolve();
      await latch.promise;
    }
    return unmake(...args);
  });
  const { operation } = await kernel.submit("delete", PAIR.name, "p1");
  await called.promise;
  const walking = (await kernel.lifecycle.operations("p1")).at(-1);
  const next = await skip(kernel, operation, "remove-container");
  assert.ok(next.fence > (walking?.fence ?? 0), "whatever the walk still does, it does under an older fence");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("p1"), "ENDED", "it did not wait for the call");
  const [before] = (await kernel.lifecycle.operations("p1")).slice(-1);
  latch.resolve();
  await kernel.pass(LONG);
  const [after] = (await kernel.lifecycle.operations("p1")).slice(-1);
  assert.deepEqual(after, before);
  assert.deepEqual(
    (await leaks(kernel)).map(({ why, ref }) => [why, ref]),
    [["skipped", containerOf(resource)]],
    "even what the late call has unmade is on the list until somebody looks",
  );
  await kernel.lifecycle.reclaim({ requestId: "r" });
  await kernel.pass(LONG);
  assert.deepEqual(await leaks(kernel), []);
});

test("the walk of a skipped step that ends last writes nothing", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const latch = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  t.mock.method(kernel.drivers.notebooks, "look", async () => {
    called.resolve();
    await latch.promise;
    return { is: "absent" as const };
  });
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await called.promise;
  await skip(kernel, operation, "unmake");
  assert.equal(await kernel.state("t1"), "ENDED");
  latch.resolve();
  await kernel.lifecycle.runner.stop();
  assert.equal((await heldBy(kernel, "t1")).length, 1, "a probe from before the skip releases nothing");
  assert.equal(await kernel.count("receipts"), 1);
  assert.equal(await kernel.count("events WHERE type = 'ended' AND operation_id IS NOT NULL"), 2);
});

test("skipping the step that failed for good starts another delete after it", async (t) => {
  const { kernel, resource, operation } = await pairBeingDeleted(t, "container", true);
  assert.equal(await kernel.state("p1"), "STUCK");
  const next = await skip(kernel, operation, "remove-container");
  assert.notEqual(next.id, operation.id);
  assert.deepEqual([next.plan.steps, next.step], [["remove-container", "remove-volume"], 1]);
  const trail = await kernel.store.read((session) => trailOf(session, next, kernel.clock.now()));
  assert.deepEqual(
    trail.map(({ name, state }) => [name, state]),
    [
      ["remove-container", "skipped"],
      ["remove-volume", "current"],
    ],
  );
  assert.equal(await kernel.state("p1"), "ENDING");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("p1"), "ENDED");
  assert.deepEqual(
    (await heldBy(kernel, "p1")).map(({ ref, skipped }) => [ref, skipped?.by]),
    [[containerOf(resource), next.id]],
  );
  const found = await kernel.store.read((session) => findReceipts(session, next.id));
  assert.deepEqual(
    found?.receipt.body.steps.map(({ step, answer }) => [step, answer]),
    [
      ["remove-container", "skipped"],
      ["remove-volume", "gone"],
    ],
  );
});

test("skipping the last step that failed for good ends the delete at once", async (t) => {
  const { kernel, operation } = await pairBeingDeleted(t, "volume", true);
  const next = await skip(kernel, operation, "remove-volume");
  assert.deepEqual([next.state, await kernel.state("p1")], ["done", "ENDED"]);
  assert.equal(await kernel.count("receipts"), 1);
});

test("what no step would release goes on the list with the last step", async (t) => {
  const { unmake } = THING.steps;
  const forgetful = { ...THING, steps: { ...THING.steps, unmake: { ...unmake!, releases: [] } } };
  const kernel = await startKernel(t, { kinds: [forgetful] });
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDING");
  await skip(kernel, operation, "unmake");
  assert.equal(await kernel.state("t1"), "ENDED");
  assert.equal((await leaks(kernel)).length, 1);
});

test("only the current step of a delete that is not over can be skipped, and a refusal changes nothing", async (t) => {
  const { kernel, operation } = await pairBeingDeleted(t, "container");
  const [create] = await kernel.lifecycle.operations("p1");
  assert.ok(create);
  const before = await everything(kernel);
  await assert.rejects(skip(kernel, { id: "no-such" }, "remove-container"), NoSuch);
  await assert.rejects(skip(kernel, operation, "no-such"), (error: unknown) => {
    assert.ok(error instanceof NoSuch);
    assert.match(error.message, /no step no-such in operation .*: its plan is remove-container, remove-volume/);
    return true;
  });
  await assert.rejects(skip(kernel, operation, "remove-volume"), (error: unknown) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.more, { current_step: "remove-container" });
    return true;
  });
  await assert.rejects(skip(kernel, create, "make-volume"), /is no delete but a create/);
  assert.deepEqual(await everything(kernel), before);
  await skip(kernel, operation, "remove-container");
  await assert.rejects(skip(kernel, operation, "remove-container"), /is at step remove-volume, not remove-container/);
  await kernel.pass(LONG);
  const ended = await everything(kernel);
  await assert.rejects(skip(kernel, operation, "remove-volume"), /is done/);
  assert.deepEqual(await everything(kernel), ended);
});

test("a delete that was asked for again is skipped in its newest operation only", async (t) => {
  const { kernel, operation, refusing } = await pairBeingDeleted(t, "container", true);
  const { operation: second } = await kernel.submit("delete", PAIR.name, "p1");
  await kernel.lifecycle.runner.settled();
  await assert.rejects(skip(kernel, operation, "remove-container"), (error: unknown) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual(error.more, { newest: second.id });
    return true;
  });
  refusing.restore();
  await kernel.submit("delete", PAIR.name, "p1");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("p1"), "ENDED");
});

test("a skip is told in the events, with who asked and why", async (t) => {
  const { kernel, operation, resource } = await pairBeingDeleted(t, "container");
  const operationNow = (await kernel.lifecycle.operations("p1")).at(-1);
  assert.ok(operationNow && triesOf(operationNow) > 1);
  await skip(kernel, operation, "remove-container");
  const [event] = await kernel.store.read((session) =>
    session.all<{ request_id: string; operation_id: string; tenant: string; data: string }>(
      "SELECT * FROM events WHERE type = 'skipped'",
    ),
  );
  assert.deepEqual(
    [event?.request_id, event?.operation_id, event?.tenant],
    ["request-skip", operation.id, CALLER.tenant],
  );
  assert.deepEqual(JSON.parse(event?.data ?? ""), {
    step: "remove-container",
    reason: REASON,
    attempts: triesOf(operationNow),
    since: operationNow.stageAt,
    refs: [containerOf(resource)],
  });
});

test("a skip of a kind that this Ebb does not know is refused, and changes nothing", async (t) => {
  const { kernel, operation } = await pairBeingDeleted(t, "container");
  await kernel.store.write("test", (tx) => tx.run("UPDATE operations SET kind = 'toy.unknown'"));
  const before = await everything(kernel);
  await assert.rejects(
    skip(kernel, operation, "remove-container"),
    (error) => error instanceof Refused && /does not know the kind toy.unknown/.test(error.message),
  );
  assert.deepEqual(await everything(kernel), before);
});
