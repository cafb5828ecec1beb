import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { freshStore, START } from "../../test/store.ts";
import { MovableClock } from "../clock.ts";
import { createIds, seededRandom } from "../ids.ts";
import { openStore, type StoreAddress } from "../store/index.ts";
import { type CallPlace, Faults, TooManyFaults } from "./index.ts";
import { insertFault } from "./rows.ts";
import { chance, hitsNow } from "./when.ts";

const PLACE: CallPlace = {
  service: "toys",
  operation: "DeleteToy",
  tenant: "t1",
  account: "a1",
  reads: false,
  names: (id) => id === "r1",
};
const TOO_BUSY = { on: "call", service: "toys", answer: { status: 429 } } as const;

async function open(address: StoreAddress, clock = new MovableClock({ frozenAt: START })) {
  const store = await openStore(address);
  const faults = new Faults({ store, clock, ids: createIds(seededRandom(store.alone ? 1 : 2)) });
  await faults.reload();
  return { faults, clock, store, close: () => store.close() };
}

async function opened(t: TestContext) {
  const { store: address, remove } = await freshStore();
  const one = await open(address);
  t.after(async () => {
    await one.close();
    await remove();
  });
  return one;
}

test("with no fault, and for a call that none fits, nothing is written", async (t) => {
  const { faults, store } = await opened(t);
  const write = t.mock.method(store, "write");
  assert.equal(faults.onCall(PLACE), undefined);
  await faults.add(TOO_BUSY);
  const writes = write.mock.callCount();
  for (const other of [{ service: "others" }, { service: "iam", tenant: "" }])
    assert.equal(faults.onCall({ ...PLACE, ...other }), undefined);
  const at = { kind: "toy", verb: "delete", step: "unmake", resource: "r1", tenant: "t1", performs: true };
  assert.equal(faults.onStep(at), undefined);
  assert.equal(write.mock.callCount(), writes);
});

test("a fault fits by every field that it has", async (t) => {
  const { faults } = await opened(t);
  const where = { service: "toys", operation: "DeleteToy", tenant: "t1", resource: "r1" };
  for (const [field, value] of Object.entries(where)) {
    await faults.add({ on: "call", answer: "reset", [field]: value });
    assert.deepEqual((await faults.onCall(PLACE))?.answer, "reset", field);
    const elsewhere = { ...PLACE, service: "x", operation: "x", tenant: "x", account: "x", names: () => false };
    assert.equal(faults.onCall(elsewhere), undefined, field);
    await faults.clear();
  }
  await faults.add({ on: "call", answer: "reset", tenant: "a1" });
  assert.ok(await faults.onCall(PLACE), "a fault on an account hits the calls of its projects");
});

test("what changes something has no empty list to show", async (t) => {
  const { faults } = await opened(t);
  await faults.add({ on: "gone", service: "toys", answer: "empty-list" });
  assert.deepEqual([faults.watchesGone(PLACE), faults.watchesGone({ ...PLACE, reads: true })], [false, true]);
  assert.equal(faults.onGone(PLACE), undefined);
  assert.equal((await faults.onGone({ ...PLACE, reads: true }))?.answer, "empty-list");
});

test("calls and hits are counted exactly, however many come at once", async (t) => {
  const { faults } = await opened(t);
  const { id } = await faults.add({ ...TOO_BUSY, every: 3, times: 10 });
  const struck = await Promise.all(Array.from({ length: 60 }, async () => faults.onCall(PLACE)));
  assert.equal(struck.filter((hit) => hit?.id === id).length, 10);
  const [counted] = await faults.list();
  assert.deepEqual([counted?.calls, counted?.hits, counted?.firstHitAt], [60, 10, START]);
});

test("counts outlive the process", async (t) => {
  const { store: address, remove } = await freshStore();
  t.after(remove);
  const before = await open(address);
  await before.faults.add({ ...TOO_BUSY, first: 2 });
  await before.faults.onCall(PLACE);
  await before.close();
  const after = await open(address);
  assert.ok(await after.faults.onCall(PLACE));
  assert.equal(await after.faults.onCall(PLACE), undefined, "the first two calls are over");
  assert.deepEqual(
    (await after.faults.list()).map(({ calls, hits }) => [calls, hits]),
    [[3, 2]],
  );
  await after.close();
});

test("another process's faults are in force here, and both count in one row", async (t) => {
  if (process.env.EBB_TEST_STORE !== "postgres") return t.skip("a SQLite store has one process");
  const { store: address, remove } = await freshStore();
  const [one, two] = [await open(address), await open(address)];
  t.after(async () => {
    await Promise.all([one.close(), two.close()]);
    await remove();
  });
  const { id } = await one.faults.add({ ...TOO_BUSY, first: 20 });
  await two.faults.reload();
  const calls = Array.from({ length: 40 }, async (_, index) => (index % 2 ? one : two).faults.onCall(PLACE));
  assert.equal((await Promise.all(calls)).filter(Boolean).length, 20);
  assert.deepEqual(await one.faults.remove(id).then((gone) => [gone?.calls, gone?.hits]), [40, 20]);
  assert.equal(
    await two.faults.onCall(PLACE),
    undefined,
    "what is removed elsewhere strikes nobody, read again or not",
  );
});

test("of several that fit, the oldest that hits answers, and the others do not see the call", async (t) => {
  const { faults } = await opened(t);
  const first = await faults.add({ ...TOO_BUSY, first: 2 });
  const second = await faults.add({ ...TOO_BUSY, answer: { status: 500 }, first: 1 });
  const hits = [];
  for (let i = 0; i < 4; i++) hits.push((await faults.onCall(PLACE))?.id);
  assert.deepEqual(hits, [first.id, first.id, second.id, undefined]);
  assert.deepEqual(
    (await faults.list()).map(({ calls, hits: h }) => [calls, h]),
    [
      [4, 2],
      [2, 1],
    ],
  );
});

test("what is removed is answered with its counts, and strikes no more", async (t) => {
  const { faults } = await opened(t);
  const { id } = await faults.add(TOO_BUSY);
  await faults.add({ ...TOO_BUSY, service: "other" });
  await faults.onCall(PLACE);
  assert.deepEqual(await faults.remove(id).then((one) => [one?.calls, one?.hits]), [1, 1]);
  assert.equal(await faults.remove(id), undefined);
  assert.equal(faults.onCall(PLACE), undefined);
  assert.equal((await faults.clear()).length, 1);
  assert.deepEqual(await faults.list(), []);
});

test("there is a bound on the number of faults", async (t) => {
  const { faults, store } = await opened(t);
  await store.write("test", async (tx) => {
    for (let i = 0; i < 255; i++) await insertFault(tx, `f${i}`, TOO_BUSY, START);
  });
  await faults.add(TOO_BUSY);
  await assert.rejects(faults.add(TOO_BUSY), TooManyFaults);
  assert.equal((await faults.list()).length, 256);
});

const numbers = (when: object) =>
  [1, 2, 3, 4, 5, 6].filter((calls) => hitsNow(when, { calls, hits: 0, first_hit_at: null }, START));

test("when a fault hits", () => {
  assert.deepEqual(numbers({}), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(numbers({ first: 2 }), [1, 2]);
  assert.deepEqual(numbers({ every: 3 }), [3, 6]);
  assert.deepEqual(numbers({ probability: 1, seed: 1 }), [1, 2, 3, 4, 5, 6]);
  const counted = { calls: 9, hits: 2, first_hit_at: START };
  assert.equal(hitsNow({ times: 2 }, counted, START), false);
  assert.equal(hitsNow({ times: 3 }, counted, START), true);
  assert.equal(hitsNow({ for_ms: 1000 }, counted, START + 999), true);
  assert.equal(hitsNow({ for_ms: 1000 }, counted, START + 1000), false);
  assert.equal(hitsNow({ until: START }, counted, START - 1), true);
  assert.equal(hitsNow({ until: START }, counted, START), false);
});

const hit = (seed: number, p: number) =>
  Array.from({ length: 10_000 }, (_, call) => call + 1).filter((call) => chance(seed, call) < p);

test("a probability hits its share of the calls, and the same ones for the same seed", () => {
  for (const p of [0.02, 0.3, 0.9]) {
    for (const seed of [0, 1, 42]) assert.ok(Math.abs(hit(seed, p).length / 10_000 - p) < 0.02, `${seed} ${p}`);
  }
  assert.deepEqual(hit(7, 0.3), hit(7, 0.3));
  assert.notDeepEqual(hit(7, 0.3), hit(8, 0.3));
});
