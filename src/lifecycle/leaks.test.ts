import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CALLER, type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { containerOf, PAIR, volumeOf } from "../../test/pair.ts";
import { Refusal } from "../drivers/port.ts";
import { findReceipts, type Kind, listHeld, NoSuch, type Reclaimed } from "./index.ts";

const LONG = 10 * 60_000;
const STAMP = { tenant: CALLER.tenant, kind: "toy.thing", resourceId: "x", incarnation: "1", operationId: "o" };
/** Higher than what the kernel counts in a test's time. */
const HIGH_FENCE = 1_000_000;

const listed = async (kernel: Kernel, filter: { tenant?: string; after?: number; limit?: number } = {}) =>
  (await kernel.lifecycle.leaks({ limit: 100, ...filter })).leaks;
const whyAndWhat = async (kernel: Kernel) => (await listed(kernel)).map(({ why, ref }) => [why, ref]);
const reclaim = async (kernel: Kernel, refs?: string[]): Promise<Reclaimed[]> =>
  (await kernel.lifecycle.reclaim({ refs, requestId: "request-reclaim" })).reclaimed;
const write = (kernel: Kernel, sql: string) => kernel.store.write("test", (tx) => tx.run(sql));

async function nothingIsLeft(kernel: Kernel): Promise<void> {
  assert.deepEqual(await listed(kernel), []);
  assert.deepEqual(await kernel.drivers.notebooks.marked(), []);
  assert.equal(await kernel.count("holdings WHERE released_at IS NULL"), 0);
  assert.equal(await kernel.count("operations WHERE state = 'running'"), 0);
}

async function ready(t: TestContext, kind: Kind = PAIR) {
  const kernel = await startKernel(t, { kinds: [kind] });
  const { resource } = await kernel.create({ id: "p1", kind: kind.name });
  await kernel.pass(LONG);
  return { kernel, resource };
}

/** The world refuses to unmake things of one type, from now on; `restore` ends that. */
function refuseToUnmake(t: TestContext, kernel: Kernel, type: string, forGood = false) {
  const unmake = kernel.drivers.notebooks.unmake.bind(kernel.drivers.notebooks);
  return t.mock.method(kernel.drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) => {
    if (args[0] === type) throw new Refusal("it is on fire", { owner: "an operator", hint: "put it out", forGood });
    return unmake(...args);
  }).mock;
}

test("what lives, is being made or is being deleted is no leak", async (t) => {
  const kernel = await startKernel(t, { kinds: [PAIR] });
  await kernel.create({ id: "p1", kind: PAIR.name });
  for (let turn = 0; turn < 8; turn++) {
    assert.deepEqual(await listed(kernel), []);
    await kernel.pass(10_000);
  }
  await kernel.submit("delete", PAIR.name, "p1");
  for (let turn = 0; turn < 8; turn++) {
    assert.deepEqual(await listed(kernel), []);
    await kernel.pass(7_000);
  }
  await nothingIsLeft(kernel);
});

test("a holding whose resource is gone is listed, and taken away under a fence that the world accepts", async (t) => {
  const { kernel, resource } = await ready(t);
  await write(kernel, "UPDATE operations SET fence = fence + 40");
  await kernel.drivers.notebooks.change("volume", volumeOf(resource), {}, { ...STAMP, fence: 41 });
  await write(kernel, `UPDATE resources SET gone_at = ${kernel.clock.now()}, state = 'ENDED'`);
  assert.deepEqual(await whyAndWhat(kernel), [
    ["orphaned", volumeOf(resource)],
    ["orphaned", containerOf(resource)],
  ]);
  const [only, ...more] = await reclaim(kernel);
  assert.deepEqual(more, [], "one operation for one resource");
  assert.ok(only && "operation" in only);
  assert.deepEqual([only.operation.resourceId, only.operation.verb, only.operation.kind], ["p1", "reclaim", PAIR.name]);
  assert.ok(only.operation.fence > 42);
  const [again] = await reclaim(kernel);
  assert.ok(again && "operation" in again);
  assert.deepEqual([again.operation.id, again.again], [only.operation.id, true]);
  await kernel.pass(LONG);
  await nothingIsLeft(kernel);
  assert.equal((await kernel.lifecycle.get(CALLER.tenant, PAIR.name, "p1", { gone: true })).state, "ENDED");
});

test("a holding whose resource is unknown is taken away in the name of who held it", async (t) => {
  const { kernel, resource } = await ready(t, THING);
  for (const table of ["resources", "operations"]) await write(kernel, `DELETE FROM ${table}`);
  await kernel.drivers.notebooks.change("volume", volumeOf(resource), {}, { ...STAMP, fence: HIGH_FENCE });
  const [leak] = await listed(kernel);
  assert.deepEqual([leak?.why, leak?.reason, leak?.tenant], ["orphaned", "its resource is unknown", CALLER.tenant]);
  const unmake = t.mock.method(kernel.drivers.notebooks, "unmake");
  await reclaim(kernel);
  await kernel.pass(LONG);
  const stamp = unmake.mock.calls[0]?.arguments[2];
  assert.deepEqual(
    [stamp?.tenant, stamp?.resourceId, stamp?.incarnation],
    [CALLER.tenant, resource.id, resource.incarnation],
  );
  await nothingIsLeft(kernel);
  await kernel.pass(3_600_001);
  await kernel.lifecycle.scan();
  assert.equal(await kernel.count("resources"), 0, "what stood for it is purged like any other");
});

test("a thing of the world that nobody holds is held first, and then taken away", async (t) => {
  const kernel = await startKernel(t);
  await kernel.drivers.notebooks.make("volume", "stray", { sizeGb: 1 }, { ...STAMP, fence: HIGH_FENCE });
  await kernel.pass(LONG);
  assert.deepEqual(await whyAndWhat(kernel), [["unheld", "stray"]]);
  assert.deepEqual(await listed(kernel, { tenant: CALLER.tenant }), [], "nothing says whose it is");
  assert.equal((await kernel.lifecycle.scan()).unheld, 1);
  let heldAtUnmake = -1;
  const unmake = kernel.drivers.notebooks.unmake.bind(kernel.drivers.notebooks);
  t.mock.method(kernel.drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) => {
    heldAtUnmake = await kernel.count("holdings WHERE released_at IS NULL AND ref = 'stray'");
    return unmake(...args);
  });
  const [one] = await reclaim(kernel, ["stray"]);
  await kernel.pass(LONG);
  assert.equal(heldAtUnmake, 1);
  await nothingIsLeft(kernel);
  assert.ok(one && "operation" in one);
  const found = await kernel.store.read((session) => findReceipts(session, one.operation.id));
  const [holding] = found?.receipt.body.holdings ?? [];
  assert.deepEqual([holding?.taken_by, holding?.released_by], [one.operation.id, one.operation.id]);
  assert.equal((await kernel.lifecycle.scan()).unheld, 0);
});

test("an abandoned delete is listed with what it holds, and reclaiming asks for it again", async (t) => {
  const { kernel, resource } = await ready(t);
  const refusing = refuseToUnmake(t, kernel, "container", true);
  await kernel.submit("delete", PAIR.name, "p1");
  await kernel.pass(LONG);
  assert.deepEqual(await whyAndWhat(kernel), [
    ["abandoned", volumeOf(resource)],
    ["abandoned", containerOf(resource)],
  ]);
  const [leak] = await listed(kernel);
  assert.match(leak?.reason ?? "", /delete has failed for good: it is on fire/);
  assert.equal((await kernel.lifecycle.scan()).leaked, 0, "a failure that is told is no bug");
  refusing.restore();
  const [one, ...more] = await reclaim(kernel, [volumeOf(resource)]);
  assert.deepEqual(more, []);
  assert.ok(one && "operation" in one);
  assert.deepEqual([one.operation.verb, await kernel.state("p1")], ["delete", "ENDING"]);
  assert.deepEqual(await listed(kernel), [], "it was asked for again");
  await kernel.pass(LONG);
  assert.equal(await kernel.state("p1"), "ENDED");
  await nothingIsLeft(kernel);
});

test("a create that has failed is its owner's to delete, and no leak", async (t) => {
  const kernel = await startKernel(t);
  t.mock.method(kernel.drivers.notebooks, "make", async () => {
    throw new Refusal("sold out", { owner: "the caller", hint: "wait", forGood: true });
  });
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "BROKEN");
  assert.deepEqual(await listed(kernel), []);
});

test("one thing that stands fast keeps none of the others, and tells its own reason", async (t) => {
  const { kernel, resource } = await ready(t);
  await write(kernel, `UPDATE resources SET gone_at = ${kernel.clock.now()}, state = 'ENDED'`);
  const refusing = refuseToUnmake(t, kernel, "container");
  const [one] = await reclaim(kernel);
  assert.ok(one && "operation" in one);
  await kernel.pass(LONG);
  const [leak, ...more] = await listed(kernel);
  assert.deepEqual(more, []);
  assert.equal(leak?.ref, containerOf(resource));
  assert.deepEqual(leak.reclaim, { operationId: one.operation.id, state: "running", reason: "it is on fire" });
  assert.equal(await kernel.count("receipts"), 0, "it has not ended");
  refusing.restore();
  await kernel.pass(LONG);
  await nothingIsLeft(kernel);
  const found = await kernel.store.read((session) => findReceipts(session, one.operation.id));
  assert.equal(found?.receipt.body.holdings.length, 2);
});

test("a reclaim that fails for good says so, tells what it has released, and can be asked for again", async (t) => {
  const { kernel, resource } = await ready(t);
  await write(kernel, `UPDATE resources SET gone_at = ${kernel.clock.now()}, state = 'ENDED'`);
  const refusing = refuseToUnmake(t, kernel, "container", true);
  const [first] = await reclaim(kernel);
  assert.ok(first && "operation" in first);
  await kernel.pass(LONG);
  const [leak] = await listed(kernel);
  assert.deepEqual(leak?.reclaim, { operationId: first.operation.id, state: "failed", reason: "it is on fire" });
  const found = await kernel.store.read((session) => findReceipts(session, first.operation.id));
  assert.deepEqual(
    found?.receipt.body.holdings.map((one) => [one.ref, one.released_at !== null]),
    [
      [volumeOf(resource), true],
      [containerOf(resource), false],
    ],
  );
  refusing.restore();
  const [second] = await reclaim(kernel, [containerOf(resource)]);
  assert.ok(second && "operation" in second && second.operation.id !== first.operation.id);
  await kernel.pass(LONG);
  await nothingIsLeft(kernel);
});

test("only what was named is taken away", async (t) => {
  const { kernel, resource } = await ready(t);
  await write(kernel, `UPDATE resources SET gone_at = ${kernel.clock.now()}, state = 'ENDED'`);
  await reclaim(kernel, [containerOf(resource)]);
  const [busy] = await reclaim(kernel, [volumeOf(resource)]);
  assert.ok(busy && "refused" in busy);
  assert.match(busy.refused.message, /busy with reclaim/);
  await kernel.pass(LONG);
  assert.deepEqual(await whyAndWhat(kernel), [["orphaned", volumeOf(resource)]]);
  assert.deepEqual(
    (await kernel.drivers.notebooks.marked()).map((one) => one.ref),
    [volumeOf(resource)],
  );
});

test("what is no leak is refused by name, and nothing is changed", async (t) => {
  const { kernel, resource } = await ready(t);
  await kernel.drivers.notebooks.make("volume", "stray", { sizeGb: 1 }, { ...STAMP, fence: 1 });
  for (const refs of [["no-such"], ["stray", volumeOf(resource)]]) {
    await assert.rejects(reclaim(kernel, refs), NoSuch);
    assert.equal(await kernel.count("operations WHERE verb = 'reclaim'"), 0);
    assert.equal(await kernel.count("holdings WHERE ref = 'stray'"), 0);
  }
});

test("a leak of another life under the same id is refused, not taken from the living one", async (t) => {
  const { kernel, resource } = await ready(t);
  await write(
    kernel,
    `UPDATE holdings SET incarnation = 'earlier', skipped_by = 'o', skipped_step = 's', skipped_at = 1, skip_reason = 'r'
       WHERE ref = '${volumeOf(resource)}'`,
  );
  const [only] = await reclaim(kernel);
  assert.ok(only && "refused" in only);
  assert.match(only.refused.message, /is another one than/);
  assert.equal(await kernel.count("operations WHERE verb = 'reclaim'"), 0);
});

test("what has gone by itself is cleared by a probe, with its proof", async (t) => {
  const { kernel, resource } = await ready(t, THING);
  await write(kernel, `UPDATE resources SET gone_at = ${kernel.clock.now()}, state = 'ENDED'`);
  await write(kernel, "DELETE FROM sim_things");
  assert.deepEqual(await whyAndWhat(kernel), [["orphaned", volumeOf(resource)]]);
  await reclaim(kernel);
  await kernel.lifecycle.runner.settled();
  await nothingIsLeft(kernel);
  assert.equal(await kernel.count("holdings WHERE proof LIKE '%absent%'"), 1);
});

test("a reclaim outlives the process that has begun it", async (t) => {
  const kernel = await startKernel(t, { kinds: [THING], stopped: true });
  await kernel.drivers.notebooks.make("volume", "stray", { sizeGb: 1 }, { ...STAMP, fence: 1 });
  await reclaim(kernel);
  await write(kernel, "UPDATE operations SET owner = 'dead', lease_until = 1, fence = fence + 1, performed = 1");
  await kernel.lifecycle.start();
  await kernel.pass(LONG);
  await nothingIsLeft(kernel);
});

test("a thing that came back beside its living resource is taken away, and any verb goes before that", async (t) => {
  const { kernel, resource } = await ready(t);
  await kernel.store.write("test", (tx) =>
    tx.run("UPDATE holdings SET released_at = 1, released_by = 'o' WHERE type = 'container'"),
  );
  assert.deepEqual(
    (await listed(kernel)).map(({ why, ref, tenant, resourceId }) => [why, ref, tenant, resourceId]),
    [["unheld", containerOf(resource), CALLER.tenant, "p1"]],
  );
  await reclaim(kernel);
  const { operation } = await kernel.submit("delete", PAIR.name, "p1");
  assert.equal(await kernel.count("operations WHERE verb = 'reclaim' AND state = 'aborted'"), 1);
  await kernel.pass(LONG);
  assert.equal(await kernel.state("p1"), "ENDED");
  await nothingIsLeft(kernel);
  const found = await kernel.store.read((session) => findReceipts(session, operation.id));
  assert.equal(found?.receipt.body.holdings.length, 3, "the container was held twice");
});

test("a reclaim beside a living resource leaves that as it is", async (t) => {
  const { kernel, resource } = await ready(t);
  await write(kernel, "UPDATE holdings SET released_at = 1, released_by = 'o' WHERE type = 'container'");
  await reclaim(kernel, [containerOf(resource)]);
  await kernel.pass(LONG);
  assert.equal(await kernel.state("p1"), "READY");
  assert.deepEqual(await listed(kernel), []);
  assert.deepEqual(
    (await kernel.store.read((session) => listHeld(session, "p1"))).map((one) => one.ref),
    [volumeOf(resource)],
  );
  await kernel.submit("delete", PAIR.name, "p1");
  await kernel.pass(LONG);
  await nothingIsLeft(kernel);
});

test("a thing that is released between the two looks is no leak", async (t) => {
  const { kernel } = await ready(t);
  const marked = kernel.drivers.notebooks.marked.bind(kernel.drivers.notebooks);
  t.mock.method(kernel.drivers.notebooks, "marked", async () => {
    const seen = await marked();
    await kernel.submit("delete", PAIR.name, "p1");
    await kernel.pass(LONG);
    return seen;
  });
  assert.deepEqual(await listed(kernel), []);
});

test("a driver that cannot say what there is, is named, and the rest is listed", async (t) => {
  const { kernel, resource } = await ready(t, THING);
  await write(kernel, `UPDATE resources SET gone_at = ${kernel.clock.now()}, state = 'ENDED'`);
  t.mock.method(kernel.drivers.databases, "marked", async () => {
    throw new Error("no route to host");
  });
  const { leaks, unseen } = await kernel.lifecycle.leaks({ limit: 10 });
  assert.deepEqual(
    leaks.map((one) => one.ref),
    [volumeOf(resource)],
  );
  assert.deepEqual(unseen, [{ domain: "databases", reason: "no route to host" }]);
  assert.equal((await kernel.lifecycle.scan()).leaked, 1);
  await assert.rejects(reclaim(kernel, ["perhaps"]), /may be a leak, and databases cannot say/);
});

test("the list has pages; what nobody holds is on the last", async (t) => {
  const kernel = await startKernel(t);
  const ids = ["t1", "t2", "t3", "t4", "t5"];
  for (const id of ids) await kernel.create({ id });
  await kernel.pass(LONG);
  await write(kernel, `UPDATE resources SET gone_at = ${kernel.clock.now()}, state = 'ENDED' WHERE id <> 't2'`);
  await kernel.drivers.notebooks.make("volume", "stray", { sizeGb: 1 }, { ...STAMP, fence: 1 });
  const seen: string[][] = [];
  let after: number | null = 0;
  do {
    const page: Awaited<ReturnType<typeof kernel.lifecycle.leaks>> = await kernel.lifecycle.leaks({ after, limit: 2 });
    seen.push(page.leaks.map((one) => one.resourceId ?? "nobody"));
    after = page.next;
  } while (after !== null);
  assert.deepEqual(new Set(seen.flat().slice(0, -1)), new Set(["t1", "t3", "t4", "t5"]));
  assert.deepEqual([seen[0]?.length, seen[1]?.length, seen.flat().at(-1)], [2, 3, "nobody"]);
});
