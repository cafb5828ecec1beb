import assert from "node:assert/strict";
import { test } from "node:test";
import { BOX, type Kernel, THING } from "../../test/kernel.ts";
import { letPass } from "../../test/store.ts";
import { createIds, seededRandom } from "../ids.ts";
import { silentLog } from "../log.ts";
import type { Store } from "../store/index.ts";
import { Lifecycle, NoSuch, Refused, readTeardown } from "./index.ts";
import { all, CRATE, dumpOf, ENGINE, FIXTURE, KINDS, LONG, ROOM, refuseToUnmake, startToys } from "./plan-testing.ts";

const tearDown = (kernel: Kernel, ...ids: string[]) => kernel.lifecycle.tearDown(all(...ids), "r");

/** Two boxes with two things each in a room. */
async function furnish(kernel: Kernel): Promise<void> {
  await kernel.create({ id: "room", kind: ROOM.name });
  for (const box of ["a", "b"]) {
    await kernel.create({ id: box, kind: BOX.name, parentId: "room" });
    for (const n of [1, 2]) await kernel.create({ id: `${box}${n}`, parentId: box });
  }
  await kernel.pass(LONG);
}

const standings = async (kernel: Kernel, id: string): Promise<Record<string, string>> => {
  const { items } = await kernel.store.read((session) => readTeardown(session, id));
  return Object.fromEntries(items.map((item) => [item.id, item.standing]));
};
const answerOf = async (kernel: Kernel, id: string) => (await kernel.lifecycle.operations(id)).at(-1)?.answer;
const nothingLeft = async (kernel: Kernel) => {
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 0);
  assert.equal(await kernel.count("watches"), 0);
  assert.deepEqual(await kernel.drivers.notebooks.marked(), []);
  const { stranded, overdue, leaked } = await kernel.lifecycle.scan();
  assert.deepEqual([stranded, overdue, leaked], [0, 0, 0]);
};

test("a teardown deletes all of it, each thing once nothing that goes before it is left", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const { teardown, again } = await tearDown(kernel, "room");
  assert.deepEqual([teardown.state, again], ["TEARING-DOWN", false]);
  await kernel.lifecycle.runner.settled();
  assert.deepEqual(await standings(kernel, teardown.id), {
    a1: "deleting",
    a2: "deleting",
    b1: "deleting",
    b2: "deleting",
    a: "waiting",
    b: "waiting",
    room: "waiting",
  });
  await kernel.pass(LONG);
  assert.equal(await kernel.state(teardown.id), "DONE");
  const ends = await kernel.store.read((session) =>
    session.all<{ resource_id: string; finished_at: number; accepted_at: number }>(
      "SELECT resource_id, accepted_at, finished_at FROM operations WHERE verb = 'delete'",
    ),
  );
  const of = (id: string) => ends.filter((one) => one.resource_id === id);
  assert.equal(ends.length, 7, "nothing is deleted twice");
  for (const [before, after] of [
    ["a1", "a"],
    ["a2", "a"],
    ["b1", "b"],
    ["a", "room"],
    ["b", "room"],
  ] as const)
    assert.ok((of(before)[0]?.finished_at ?? 0) <= (of(after)[0]?.accepted_at ?? -1), `${before} before ${after}`);
  await nothingLeft(kernel);
});

test("every delete is accepted under its own tenant, on its creator's behalf and with the request's id", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await kernel.create({ id: "ours" });
  await kernel.create({ id: "theirs" }, { tenant: "tenant-two", userId: "user-two", requestId: "r" });
  await kernel.lifecycle.tearDown(all("ours", "theirs"), "request-of-teardown");
  await kernel.pass(LONG);
  const rows = await kernel.store.read((session) =>
    session.all("SELECT tenant, resource_id, request_id FROM operations WHERE verb = 'delete' ORDER BY resource_id"),
  );
  assert.deepEqual(
    rows.map((row) => ({ ...(row as object) })),
    [
      { tenant: "tenant-one", resource_id: "ours", request_id: "request-of-teardown" },
      { tenant: "tenant-two", resource_id: "theirs", request_id: "request-of-teardown" },
    ],
  );
});

test("with anything refused, nothing is started, and every refusal is named", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  await kernel.create({ id: "engine", kind: ENGINE.name });
  await kernel.create({ id: "user", links: [{ target: "a1", role: "needs" }] });
  await kernel.pass(LONG);
  const before = await dumpOf(kernel);
  await assert.rejects(tearDown(kernel, "room", "engine"), (error) => {
    assert.ok(error instanceof Refused);
    const { refusals } = error.more as { refusals: { id: string }[] };
    assert.deepEqual(refusals.map((one) => one.id).toSorted(), ["a", "a1", "engine", "room"]);
    return true;
  });
  await assert.rejects(tearDown(kernel, "room", "nobody"), NoSuch);
  assert.deepEqual(await dumpOf(kernel), before);
});

test("a failed child freezes its parents and only them; asked again, the teardown deletes it anew", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const restore = refuseToUnmake(t, kernel, "a1");
  const { teardown } = await tearDown(kernel, "room");
  await kernel.pass(LONG);
  const frozen = { a1: "failed", a2: "gone", b1: "gone", b2: "gone", a: "frozen", b: "gone", room: "frozen" };
  assert.deepEqual(await standings(kernel, teardown.id), frozen);
  const answer = await answerOf(kernel, teardown.id);
  assert.ok(answer?.is === "refused" && answer.owner === "an operator");
  assert.match(answer.reason, /toy\.thing a1 was not deleted: the disk is bad/);
  assert.match(answer.hint, /replace the disk; then ask for the teardown again, or delete a1 again/);
  restore();
  await kernel.pass(60 * LONG);
  assert.deepEqual(await standings(kernel, teardown.id), frozen, "what has stopped for good is not tried by itself");
  assert.equal((await kernel.lifecycle.operations("a1")).filter((one) => one.verb === "delete").length, 1);
  const second = await tearDown(kernel, "room");
  assert.deepEqual([second.again, second.teardown.id], [true, teardown.id]);
  assert.doesNotMatch(
    JSON.stringify(await answerOf(kernel, teardown.id)),
    /disk/,
    "what was in the way is not said again",
  );
  await kernel.pass(LONG);
  assert.equal(await kernel.state(teardown.id), "DONE");
  assert.equal(await kernel.state("room"), "ENDED");
  await nothingLeft(kernel);
});

test("the failed child deleted by anybody lets the teardown go on by itself, at once", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await furnish(kernel);
  const restore = refuseToUnmake(t, kernel, "a1");
  const { teardown } = await tearDown(kernel, "room");
  await kernel.lifecycle.runner.settled();
  assert.equal(await kernel.state("a1"), "STUCK");
  restore();
  await kernel.submit("delete", THING.name, "a1");
  await kernel.lifecycle.runner.settled();
  assert.equal(await kernel.state(teardown.id), "DONE", "with the clock standing still, nothing else makes it due");
});

test("skipping the step that has stopped lets it go on, too; what is left behind stays held", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await furnish(kernel);
  refuseToUnmake(t, kernel, "a1");
  const { teardown } = await tearDown(kernel, "room");
  await kernel.lifecycle.runner.settled();
  const stopped = (await kernel.lifecycle.operations("a1")).at(-1);
  assert.ok(stopped?.state === "failed");
  await kernel.lifecycle.skip({ operationId: stopped.id, step: "unmake", reason: "the disk is scrap", requestId: "r" });
  await kernel.lifecycle.runner.settled();
  assert.deepEqual([await kernel.state(teardown.id), await kernel.state("room")], ["DONE", "ENDED"]);
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 1);
});

test("one that fails again at the moment it is asked anew is tried once", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await furnish(kernel);
  refuseToUnmake(t, kernel, "a1");
  const { teardown } = await tearDown(kernel, "room");
  await kernel.lifecycle.runner.settled();
  await tearDown(kernel, "room");
  await kernel.pass(10 * LONG);
  assert.equal((await kernel.lifecycle.operations("a1")).filter((one) => one.verb === "delete").length, 2);
  assert.equal((await standings(kernel, teardown.id)).a1, "failed");
  const other = await tearDown(kernel, "a1");
  assert.equal(other.again, false);
  await kernel.pass(LONG);
  assert.equal((await kernel.lifecycle.operations("a1")).filter((one) => one.verb === "delete").length, 3);
});

test("asked for again, it is the same one; something else asked for is another", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const [first, second] = await Promise.all([tearDown(kernel, "a", "b"), tearDown(kernel, "b", "a")]);
  assert.equal(first.teardown.id, second.teardown.id);
  assert.notEqual(first.again, second.again);
  const third = await tearDown(kernel, "room");
  assert.deepEqual([third.again, third.teardown.id === first.teardown.id], [false, false]);
  await kernel.pass(LONG);
  assert.deepEqual([await kernel.state(first.teardown.id), await kernel.state(third.teardown.id)], ["DONE", "DONE"]);
  assert.equal(await kernel.count("operations WHERE verb = 'delete'"), 7);
  await nothingLeft(kernel);
});

test("what others delete meanwhile is simply gone, and nothing to do is done at once", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  const { teardown } = await tearDown(kernel, "t1");
  await kernel.lifecycle.runner.settled();
  assert.equal(await kernel.state(teardown.id), "DONE");
});

test("a late child is named, stops nothing for good, and is taken in when the teardown is asked for again", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const { teardown } = await tearDown(kernel, "room");
  await kernel.lifecycle.runner.settled();
  await kernel.create({ id: "late", parentId: "room" });
  await kernel.pass(LONG);
  assert.deepEqual([await kernel.state("room"), await kernel.state(teardown.id)], ["READY", "TEARING-DOWN"]);
  const answer = await answerOf(kernel, teardown.id);
  assert.ok(answer?.is === "refused" && answer.owner === "the caller");
  assert.match(answer.reason, /delete of toy\.room room is blocked by toy\.thing late/);
  const { again } = await tearDown(kernel, "room");
  await kernel.pass(LONG);
  assert.deepEqual([again, await kernel.state("late"), await kernel.state(teardown.id)], [true, "ENDED", "DONE"]);
  assert.deepEqual(Object.keys(await standings(kernel, teardown.id)).length, 8, "what was done before still shows");
  await nothingLeft(kernel);
});

test("a late child that somebody else deletes lets the teardown end by itself, at once", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await kernel.create({ id: "room", kind: ROOM.name });
  const restore = refuseToUnmake(t, kernel, "t1");
  await kernel.create({ id: "t1", parentId: "room" });
  await kernel.lifecycle.runner.settled();
  const { teardown } = await tearDown(kernel, "room");
  await kernel.lifecycle.runner.settled();
  await kernel.create({ id: "late", parentId: "room" });
  restore();
  for (const id of ["t1", "late"]) {
    await kernel.submit("delete", THING.name, id);
    await kernel.lifecycle.runner.settled();
  }
  assert.equal(await kernel.state(teardown.id), "DONE");
});

test("what a delete takes along and has stopped is named, and deleted anew when asked again", async (t) => {
  const kernel = await startToys(t);
  await kernel.create({ id: "crate", kind: CRATE.name });
  for (const id of ["c1", "c2"]) await kernel.create({ id, parentId: "crate" });
  await kernel.pass(LONG);
  const restore = refuseToUnmake(t, kernel, "c2");
  const { teardown } = await tearDown(kernel, "crate");
  await kernel.pass(LONG);
  assert.match(JSON.stringify(await answerOf(kernel, teardown.id)), /toy\.thing c2 was not deleted: the disk is bad/);
  restore();
  await tearDown(kernel, "crate");
  await kernel.pass(2 * LONG);
  assert.equal(await kernel.state(teardown.id), "DONE");
  await nothingLeft(kernel);
});

test("another process goes on with it, in the middle, on the same store", async (t) => {
  const kernel = await startToys(t);
  await furnish(kernel);
  const { teardown } = await tearDown(kernel, "room");
  await kernel.lifecycle.runner.settled();
  await kernel.lifecycle.stop();
  assert.equal(await kernel.state("a"), "READY");
  const { store, clock, drivers } = kernel;
  const ids = createIds(seededRandom(99));
  const next = new Lifecycle({ store, clock, drivers, ids, kinds: KINDS, log: silentLog, retainMs: 10 * LONG });
  t.after(() => next.stop());
  await next.start();
  await letPass(next, LONG);
  assert.deepEqual([await kernel.state("room"), await kernel.state(teardown.id)], ["ENDED", "DONE"]);
  clock.advance(11 * LONG);
  await next.scan();
  assert.equal(await kernel.count("resources"), 0, "a teardown leaves the store like everything that is gone");
  assert.equal(await kernel.count("watches"), 0);
});

test("asked again while it is about to end, it goes on with what has come", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await kernel.create({ id: "fixed", kind: FIXTURE.name });
  await kernel.create({ id: "t1", parentId: "fixed" });
  await kernel.lifecycle.runner.settled();
  const write: Store["write"] = kernel.store.write.bind(kernel.store);
  const waiting = t.mock.method(kernel.store, "write", async (...args: Parameters<Store["write"]>) => {
    if (args[0] === "step" && (await kernel.state("t1")) === "ENDED") {
      waiting.mock.restore();
      await kernel.create({ id: "late", parentId: "fixed" });
      assert.equal((await tearDown(kernel, "fixed")).again, true);
    }
    return write(...args);
  });
  const { teardown } = await tearDown(kernel, "fixed");
  await kernel.lifecycle.runner.settled();
  await kernel.pass(LONG);
  assert.deepEqual([await kernel.state(teardown.id), await kernel.state("late")], ["DONE", "ENDED"]);
});

test("what fails between a walk's look and its submitting is not tried again by it", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await kernel.create({ id: "t1" });
  await kernel.lifecycle.runner.settled();
  refuseToUnmake(t, kernel, "t1");
  const accept = kernel.lifecycle.accept.bind(kernel.lifecycle);
  const between = t.mock.method(kernel.lifecycle, "accept", async (...args: Parameters<typeof accept>) => {
    between.mock.restore();
    await kernel.submit("delete", THING.name, "t1");
    while ((await kernel.state("t1")) !== "STUCK") await new Promise((resolve) => setImmediate(resolve));
    return accept(...args);
  });
  const { teardown } = await tearDown(kernel, "t1");
  await kernel.lifecycle.runner.settled();
  assert.deepEqual(await standings(kernel, teardown.id), { t1: "failed" });
  assert.equal(await kernel.count("operations WHERE verb = 'delete'"), 1);
});

test("a walk that has lost its claim submits nothing more", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await furnish(kernel);
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const accept = kernel.lifecycle.accept.bind(kernel.lifecycle);
  const paused = t.mock.method(kernel.lifecycle, "accept", async (...args: Parameters<typeof accept>) => {
    reached.resolve();
    await goOn.promise;
    return accept(...args);
  });
  const { teardown } = await tearDown(kernel, "room");
  await reached.promise;
  await kernel.store.write("test", (tx) =>
    tx.run(
      "UPDATE operations SET fence = fence + 1, owner = 'elsewhere', lease_until = lease_until + 600000 WHERE resource_id = ?",
      [teardown.id],
    ),
  );
  goOn.resolve();
  paused.mock.restore();
  await kernel.lifecycle.runner.settled();
  assert.equal(await kernel.count("operations WHERE verb = 'delete'"), 0);
});

test("one whose step was stopped for good is gone on with when it is asked for again", async (t) => {
  const kernel = await startToys(t, { factor: 0 });
  await furnish(kernel);
  const restore = refuseToUnmake(t, kernel, "a1");
  const { teardown } = await tearDown(kernel, "room");
  await kernel.lifecycle.runner.settled();
  restore();
  await kernel.store.write("test", async (tx) => {
    await tx.run("UPDATE operations SET state = 'failed' WHERE resource_id = ? AND state = 'running'", [teardown.id]);
    await tx.run("UPDATE resources SET state = 'STOPPED' WHERE id = ?", [teardown.id]);
  });
  const { again } = await tearDown(kernel, "room");
  await kernel.pass(LONG);
  assert.deepEqual([again, await kernel.state(teardown.id)], [true, "DONE"]);
});
