import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { freshStore } from "../../test/store.ts";
import { checkDump, dump, loadDump, openStore, type Store } from "./index.ts";

async function open(t: TestContext): Promise<Store> {
  const { store: address, remove } = await freshStore();
  const store = await openStore(address);
  t.after(async () => {
    await store.close();
    await remove();
  });
  return store;
}

async function openEmbedded(t: TestContext): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), "ebb-dump-"));
  const store = await openStore({ kind: "sqlite", file: join(folder, "ebb.db") });
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

const addThings = (store: Store, count: number) =>
  store.write("test", async (tx) => {
    for (let index = 0; index < count; index++) {
      await tx.run(
        "INSERT INTO events (at, type, tenant, resource_id, operation_id, request_id, data) VALUES (?, 'made', ?, ?, ?, '', ?)",
        [
          1_767_600_000_000 + index,
          "t",
          `r-${index % 7}`,
          index % 2 ? "o" : null,
          JSON.stringify({ text: 'ä"\\\n', index }),
        ],
      );
    }
  });

const rowsOf = async (store: Store): Promise<object[]> =>
  (await store.read((session) => session.all<object>("SELECT * FROM events ORDER BY seq"))).map((row) => ({ ...row }));

async function linesOf(store: Store): Promise<string[]> {
  const lines: string[] = [];
  await dump(store, 5, (line) => lines.push(line));
  return lines;
}

test("what was dumped from one store loads into another, of either kind, row by row", async (t) => {
  const here = await open(t);
  const there = await openEmbedded(t);
  await addThings(here, 2_345);
  const lines = await linesOf(here);
  assert.deepEqual(await checkDump(there, lines), { ebb_snapshot: 1, tables: 3, at: 5 });
  await there.write("load", (tx) => loadDump(there, tx, lines));
  assert.deepEqual(await rowsOf(there), await rowsOf(here));
  assert.deepEqual(await linesOf(there), lines);
  await here.write("load", async (tx) => loadDump(here, tx, await linesOf(there)));
  assert.deepEqual(await linesOf(here), lines);
});

test("a growing key goes on behind what was loaded", async (t) => {
  const store = await open(t);
  await addThings(store, 3);
  const lines = await linesOf(store);
  const other = await openEmbedded(t);
  await other.write("load", (tx) => loadDump(other, tx, lines));
  await store.write("load", (tx) => loadDump(store, tx, lines));
  for (const one of [store, other]) {
    await addThings(one, 1);
    const rows = (await rowsOf(one)) as { seq: number }[];
    assert.equal(new Set(rows.map(({ seq }) => seq)).size, 4);
  }
});
