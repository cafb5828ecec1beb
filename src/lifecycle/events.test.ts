import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { freshStore } from "../../test/store.ts";
import { openStore, type Store } from "../store/index.ts";
import { Horizon, listEvents, record } from "./events.ts";

async function open(t: TestContext): Promise<Store> {
  const { store: address, remove } = await freshStore();
  const store = await openStore(address);
  t.after(async () => {
    await store.close();
    await remove();
  });
  return store;
}

/** A write that records one event and stays open until `end`; it may end with a failure. */
async function holding(store: Store, resourceId: string) {
  const wrote = Promise.withResolvers<void>();
  const latch = Promise.withResolvers<void>();
  const written = store
    .write("test", async (tx) => {
      await record(tx, happening(resourceId));
      wrote.resolve();
      await latch.promise;
    })
    .catch(() => {});
  await wrote.promise;
  const end = async (error?: Error) => {
    if (error) latch.reject(error);
    else latch.resolve();
    await written;
  };
  return { end };
}

const happening = (resourceId: string) =>
  ({
    at: 1,
    type: "changed",
    tenant: "t",
    resourceId,
    operationId: null,
    requestId: "r",
    data: {},
  }) as const;

const add = (store: Store, id: string) => store.write("test", (tx) => record(tx, happening(id)));

/** What a reader sees that goes on from where the horizon was. */
async function readOn(store: Store, horizon: Horizon, from: { at: number }): Promise<string[]> {
  const upTo = await horizon.look();
  const found = await store.read((session) => listEvents(session, {}, { after: from.at, upTo, limit: 100 }));
  from.at = Math.max(from.at, upTo);
  return found.map((one) => one.resourceId);
}

const overlap = (store: Store) => (store.alone ? "the writes of this store follow one another" : false);

test("an event shows at once where no write overlaps, and each once", async (t) => {
  const store = await open(t);
  const horizon = new Horizon(store);
  const from = { at: 0 };
  await add(store, "a");
  await add(store, "b");
  assert.deepEqual(await readOn(store, horizon, from), ["a", "b"]);
  assert.deepEqual(await readOn(store, horizon, from), []);
  await add(store, "c");
  assert.deepEqual(await readOn(store, horizon, from), ["c"]);
  assert.equal(horizon.isBehind, false);
});

test("an event that is committed before one with a lower number waits for it, and none is skipped", async (t) => {
  const store = await open(t);
  const why = overlap(store);
  if (why) return t.skip(why);
  const horizon = new Horizon(store);
  const from = { at: 0 };
  await add(store, "before");
  const slow = await holding(store, "slow");
  await add(store, "fast");
  assert.deepEqual(await readOn(store, horizon, from), []);
  assert.equal(horizon.isBehind, true);
  await add(store, "faster");
  assert.deepEqual(await readOn(store, horizon, from), [], "the slow write is still open");
  await slow.end();
  assert.deepEqual(await readOn(store, horizon, from), ["before", "slow", "fast", "faster"]);
});

test("a write that fails leaves a gap, which nobody waits for", async (t) => {
  const store = await open(t);
  const why = overlap(store);
  if (why) return t.skip(why);
  const horizon = new Horizon(store);
  const from = { at: 0 };
  const failing = await holding(store, "failing");
  await add(store, "fine");
  assert.deepEqual(await readOn(store, horizon, from), []);
  await failing.end(new Error("no"));
  assert.deepEqual(await readOn(store, horizon, from), ["fine"]);
});

test("writes that always overlap hold nothing up for longer than each of them lasts", async (t) => {
  const store = await open(t);
  const why = overlap(store);
  if (why) return t.skip(why);
  const horizon = new Horizon(store);
  const from = { at: 0 };
  const seen: string[] = [];
  let open1 = await holding(store, "0");
  for (let index = 1; index <= 6; index++) {
    const next = await holding(store, String(index));
    await open1.end();
    open1 = next;
    seen.push(...(await readOn(store, horizon, from)));
  }
  assert.ok(seen.length >= 3, `only ${seen.join()} was seen while something was always open`);
  await open1.end();
  for (let looks = 0; looks < 3; looks++) seen.push(...(await readOn(store, horizon, from)));
  assert.deepEqual(seen, ["0", "1", "2", "3", "4", "5", "6"]);
});

test("to reach everything waits for what overlaps, and gives up on what hangs", async (t) => {
  const store = await open(t);
  const why = overlap(store);
  if (why) return t.skip(why);
  const horizon = new Horizon(store);
  await add(store, "before");
  const complete = await horizon.reach();
  const slow = await holding(store, "slow");
  await add(store, "fast");
  const reaching = horizon.reach();
  await slow.end();
  assert.equal(await reaching, complete + 2);
  const hangs = await holding(store, "hangs");
  await add(store, "after");
  assert.equal(await horizon.reach(), complete + 2);
  await hangs.end();
});
