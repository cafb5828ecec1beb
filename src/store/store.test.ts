import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { freshStore } from "../../test/store.ts";
import { openStore, type Session, type Store, type WriteHooks } from "./index.ts";

async function open(t: TestContext, hooks?: WriteHooks): Promise<Store> {
  const { store: address, remove } = await freshStore();
  const store = await openStore(address, hooks);
  t.after(async () => {
    await store.close();
    await remove();
  });
  return store;
}

const add = (tx: Session, id: string) => tx.run("INSERT INTO iam_domains (id, name) VALUES (?, ?)", [id, id]);
const ids = (store: Store) =>
  store.read(async (session) =>
    (await session.all<{ id: string }>("SELECT id FROM iam_domains ORDER BY id")).map((row) => row.id),
  );

test("a write is seen after its commit, and a failed one leaves nothing", async (t) => {
  const store = await open(t);
  await store.write("test", (tx) => add(tx, "a"));
  await assert.rejects(
    store.write("test", async (tx) => {
      await add(tx, "b");
      throw new Error("no");
    }),
    /no/,
  );
  assert.deepEqual(await ids(store), ["a"]);
});

test("a refused write leaves the others that wait with it alone", async (t) => {
  const store = await open(t);
  const outcomes = await Promise.allSettled(
    ["a", "b", "a", "c"].map((id, index) =>
      store.write("test", async (tx) => {
        await add(tx, `${id}${index}`);
        if (index === 2) throw new Error("refused");
        return index;
      }),
    ),
  );
  assert.deepEqual(
    outcomes.map((one) => one.status),
    ["fulfilled", "fulfilled", "rejected", "fulfilled"],
  );
  assert.deepEqual(await ids(store), ["a0", "b1", "c3"]);
});

test("a read never sees what is not committed", async (t) => {
  const store = await open(t);
  const latch = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  const writing = store.write("test", async (tx) => {
    await add(tx, "a");
    inside.resolve();
    await latch.promise;
  });
  await inside.promise;
  assert.deepEqual(await ids(store), []);
  latch.resolve();
  await writing;
  assert.deepEqual(await ids(store), ["a"]);
});

const slow = async (tx: Session) => {
  await add(tx, "b");
  for (let turn = 0; turn < 50; turn++) await tx.get("SELECT 1 AS one");
};

test("a write is answered after its commit, also when others in it take longer", async (t) => {
  const told: string[] = [];
  const store = await open(t, {
    beforeCommit: () => told.push("commits"),
    afterCommit: () => told.push("committed"),
  });
  told.length = 0;
  const quick = store.write("test", (tx) => add(tx, "a")).then(() => told.push("answered"));
  await Promise.all([quick, store.write("test", slow)]);
  assert.ok(told.indexOf("committed") >= 0 && told.indexOf("answered") > told.indexOf("committed"), told.join());
});

test("a rehearsal is seen by nobody, and nothing of it is kept", async (t) => {
  const store = await open(t);
  const seen = await store.rehearse(async (tx) => {
    await add(tx, "a");
    return (await tx.all("SELECT id FROM iam_domains")).length;
  });
  assert.equal(seen, 1);
  assert.deepEqual(await ids(store), []);
});

test("a write whose signal is aborted before its commit is rolled back", async (t) => {
  const store = await open(t);
  const controller = new AbortController();
  const write = store.write(
    "test",
    async (tx) => {
      await add(tx, "a");
      controller.abort(new Error("too late"));
    },
    { signal: controller.signal },
  );
  await assert.rejects(write, /too late/);
  assert.deepEqual(await ids(store), []);
});

test("every durable write is told by its name, before and after its commit", async (t) => {
  const told: string[] = [];
  const store = await open(t, {
    beforeCommit: (points) => told.push(`before ${points.join()}`),
    afterCommit: (points) => told.push(`after ${points.join()}`),
  });
  told.length = 0;
  await store.write("test", (tx) => add(tx, "a"));
  assert.deepEqual(told, ["before test", "after test"]);
});

test("the store's own clock counts milliseconds", async (t) => {
  const store = await open(t);
  const row = await store.read((session) => session.get<{ now: number }>(`SELECT ${session.dbNow} AS now`));
  assert.ok(Math.abs((row?.now ?? 0) - Date.now()) < 60_000, String(row?.now));
});

test("a store of a newer program is refused", async (t) => {
  const { store: address, remove } = await freshStore({ discard: true });
  t.after(remove);
  const store = await openStore(address);
  await store.write("test", (tx) => tx.run("INSERT INTO migrations (version) VALUES (99)"));
  await store.close();
  await assert.rejects(openStore(address), /version 99/);
});

test("a second process is kept off an embedded store, and let in after the first has closed", async (t) => {
  const { store: address, remove } = await freshStore();
  t.after(remove);
  const first = await openStore(address);
  if (first.alone) await assert.rejects(openStore(address), { code: "EBB_LOCKED" });
  await first.close();
  await (await openStore(address)).close();
});
