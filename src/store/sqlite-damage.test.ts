import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import type { Log } from "../log.ts";
import { openStore, type Store, type WriteHooks } from "./index.ts";

const PAGE = 4_096;
const FRAME = PAGE + 24;

interface Place {
  file: string;
  /** What Ebb has warned of. */
  warnings: string[];
  open(hooks?: WriteHooks): Promise<Store>;
  /** The files as they stand at this moment: what a kill leaves. */
  copy(): Place;
}

/** A store of the test's own. A short log is moved often. */
function place(t: TestContext, logPages = 40): Place {
  const folder = mkdtempSync(join(tmpdir(), "ebb-damage-"));
  const stores: Store[] = [];
  t.after(async () => {
    for (const store of stores) await store.close().catch(() => {});
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, "ebb.db");
  const warnings: string[] = [];
  const log: Log = {
    info: () => {},
    warn: (_, message) => warnings.push(message),
    error: (_, message) => warnings.push(message),
  };
  return {
    file,
    warnings,
    async open(hooks) {
      const store = await openStore({ kind: "sqlite", file, logPages }, hooks, log);
      stores.push(store);
      return store;
    },
    copy() {
      const other = place(t, logPages);
      for (const end of ["", "-wal", ".sums"]) if (existsSync(file + end)) copyFileSync(file + end, other.file + end);
      return other;
    },
  };
}

const add = (store: Store, id: string) =>
  store.write("test", (tx) => tx.run("INSERT INTO iam_domains (id, name) VALUES (?, ?)", [id, id.padEnd(600, ".")]));
const count = async (store: Store) =>
  (await store.read((session) => session.get<{ n: number }>("SELECT count(*) AS n FROM iam_domains")))?.n;

function change(file: string, at: number, bytes = 1): void {
  const all = readFileSync(file);
  for (let index = at; index < at + bytes; index++) all[index] = (all[index] ?? 0) ^ 0x10;
  writeFileSync(file, all);
}

/** A store with `rows` rows, whose last ones stand in its log. */
async function filled(t: TestContext, rows: number, logPages = 400): Promise<Place> {
  const here = place(t, logPages);
  const store = await here.open();
  for (let row = 0; row < rows; row++) await add(store, `row-${row}`);
  return here.copy();
}

/** Where the last frame of this round of the log starts. */
function lastFrame(file: string): number {
  const wal = readFileSync(`${file}-wal`);
  let at = 32;
  while (wal.subarray(at + 8, at + 16).equals(wal.subarray(16, 24))) at += FRAME;
  return at - FRAME;
}

const isRefused = (what: RegExp) => (error: Error & { code?: string }) => {
  assert.equal(error.code, "EBB_DAMAGED");
  assert.match(error.message, what);
  assert.match(error.message, /Put a copy of the whole folder back/);
  return true;
};

test("the embedded store writes ahead, and syncs each commit", async (t) => {
  const store = await place(t).open();
  const FULL = 2;
  const [sync, mode] = await store.write(
    "test",
    async (tx) =>
      [
        await tx.get<{ synchronous: number }>("PRAGMA synchronous"),
        await tx.get<{ journal_mode: string }>("PRAGMA journal_mode"),
      ] as const,
  );
  assert.deepEqual([sync?.synchronous, mode?.journal_mode], [FULL, "wal"]);
});

test("at every stage of moving the log, a killed store comes back as it was, and nothing is said", async (t) => {
  const here = place(t);
  const kept: { stage: string; copy: Place; rows: number }[] = [];
  let rows = 0;
  const store = await here.open({ atCheckpoint: (stage) => kept.push({ stage, copy: here.copy(), rows }) });
  for (; rows < 120; rows++) await add(store, `row-${rows}`);
  await store.close();
  kept.push({ stage: "closed", copy: here.copy(), rows });
  for (const stage of ["noted", "moved", "begun", "settled", "closed"])
    assert.ok(
      kept.some((one) => one.stage === stage),
      stage,
    );
  for (const { stage, copy, rows: before } of kept.slice(2)) {
    const again = await copy.open();
    const seen = await count(again);
    assert.ok(seen === before || seen === before + 1, `${stage}: ${seen} of ${before}`);
    assert.deepEqual(copy.warnings, [], stage);
  }
  for (const { copy } of kept.slice(0, 2)) assert.equal(await count(await copy.open()), 0);
});

test("a changed byte in the database file is refused, with the page", async (t) => {
  const here = place(t);
  const store = await here.open();
  await add(store, "a row that says something");
  await store.close();
  const at = readFileSync(here.file).indexOf("a row that says something");
  change(here.file, at);
  await assert.rejects(
    here.open(),
    isRefused(new RegExp(`these are not as they were written: ${Math.floor(at / PAGE) + 1}\\.`)),
  );
  truncateSync(here.file, statSync(here.file).size - PAGE);
  await assert.rejects(here.open(), isRefused(/is damaged: of its/));
  rmSync(here.file);
  await assert.rejects(here.open(), isRefused(/and 5?\d+ more/));
});

test("a damaged store is gone on with when a person says so, and keeps sums again", async (t) => {
  const here = place(t);
  const store = await here.open();
  await store.write("test", (tx) => tx.run("INSERT INTO house (name, value) VALUES ('a', 'what is in no index')"));
  await add(store, "what is in an index");
  await store.close();
  change(here.file, readFileSync(here.file).indexOf("what is in no index"));
  const broken = here.copy();
  await assert.rejects(here.open(), { code: "EBB_DAMAGED" });
  writeFileSync(`${here.file}.unverified`, "");
  await (await here.open()).close();
  assert.match(here.warnings.join(), /an unverified store is gone on with/);
  assert.ok(!existsSync(`${here.file}.unverified`));
  await (await here.open()).close();
  assert.equal(here.warnings.length, 1);
  change(broken.file, readFileSync(broken.file).indexOf("what is in an index"));
  writeFileSync(`${broken.file}.unverified`, "");
  await assert.rejects(broken.open(), isRefused(/missing from index.* cannot be gone on with/));
});

test("the end of the log may be torn: what was whole is there, and the rest is spoken of", async (t) => {
  const here = await filled(t, 20);
  change(`${here.file}-wal`, lastFrame(here.file) + 100);
  assert.equal(await count(await here.open()), 19);
  assert.match(here.warnings.join(), /a write that is not whole: it was left out/);
});

test("a frame whose salt was changed is not taken for one of an earlier round", async (t) => {
  const here = place(t, 60);
  const store = await here.open();
  const say = (value: string) =>
    store.write("test", (tx) =>
      tx.run("INSERT INTO house VALUES ('a', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", [value]),
    );
  for (let turn = 0; turn < 80; turn++) await say(`turn ${turn}`);
  const killed = here.copy();
  const last = lastFrame(killed.file);
  assert.ok(last > 32 + FRAME, "a commit of one frame stands behind another");
  change(`${killed.file}-wal`, last + 8, 8);
  const again = await killed.open();
  const row = await again.read((session) => session.get<{ value: string }>("SELECT value FROM house"));
  assert.equal(row?.value, "turn 78");
  assert.equal(killed.warnings.length, 1);
});

test("damage before the last commit of the log is refused", async (t) => {
  const here = await filled(t, 20);
  change(`${here.file}-wal`, lastFrame(here.file) - 12 * FRAME + 100);
  await assert.rejects(here.open(), isRefused(/committed work behind that cannot be read/));
});

test("a log that was cut, even between two commits, is refused", async (t) => {
  const here = await filled(t, 20);
  truncateSync(`${here.file}-wal`, lastFrame(here.file));
  await assert.rejects(here.open(), isRefused(/was cut/));
  rmSync(`${here.file}-wal`);
  await assert.rejects(here.open(), isRefused(/-wal is missing/));
});

test("a log of another time is refused", async (t) => {
  const here = await filled(t, 20);
  const other = await filled(t, 25);
  copyFileSync(`${other.file}-wal`, `${here.file}-wal`);
  await assert.rejects(here.open(), isRefused(/of another time/));
});

test("without its sums a store is refused, unless it never had any", async (t) => {
  const here = await filled(t, 60);
  rmSync(`${here.file}.sums`);
  await assert.rejects(here.open(), isRefused(/\.sums is missing/));
  const older = place(t);
  const db = new DatabaseSync(older.file);
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kept (a TEXT); INSERT INTO kept VALUES ('x')");
  db.close();
  const store = await older.open();
  assert.equal((await store.read((session) => session.all("SELECT * FROM kept"))).length, 1);
  await store.close();
  change(older.file, readFileSync(older.file).length - 1);
  await assert.rejects(older.open(), isRefused(/is damaged/));
});

test("an older store with a broken structure is refused", async (t) => {
  const older = place(t);
  const db = new DatabaseSync(older.file);
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kept (a TEXT); INSERT INTO kept VALUES ('x')");
  db.close();
  change(older.file, PAGE, 8);
  await assert.rejects(older.open(), isRefused(/is damaged/));
  rmSync(older.file);
  const indexed = new DatabaseSync(older.file);
  indexed.exec(
    "PRAGMA journal_mode = WAL; CREATE TABLE kept (a TEXT UNIQUE); INSERT INTO kept VALUES ('in two places')",
  );
  indexed.close();
  change(older.file, readFileSync(older.file).indexOf("in two places"));
  await assert.rejects(older.open(), isRefused(/missing from index/));
  writeFileSync(older.file, "not a database");
  await assert.rejects(older.open(), isRefused(/file is not a database/));
});

test("a log that is damaged after all of it was moved is dropped, and nothing is lost", async (t) => {
  const here = place(t, 60);
  const kept: Place[] = [];
  const store = await here.open({ atCheckpoint: (stage) => stage === "moved" && kept.push(here.copy()) });
  for (let row = 0; kept.length < 3; row++) await add(store, `row-${row}`);
  const moved = kept.at(-1) as Place;
  const rows = await count(await moved.copy().open());
  change(`${moved.file}-wal`, 32 + 30 * FRAME + 100);
  assert.equal(await count(await moved.open()), rows);
  assert.match(moved.warnings.join(), /Nothing is lost/);
});

test("with one of its two notes damaged a store comes back or is refused, with both it is refused", async (t) => {
  const first = await filled(t, 20, 60);
  const second = first.copy();
  const both = first.copy();
  const half = statSync(`${first.file}.sums`).size / 2;
  for (const { file } of [first, both]) change(`${file}.sums`, 500);
  for (const { file } of [second, both]) change(`${file}.sums`, half + 500);
  // Which of the two is the newer one does not matter: the older one never fits a store that has gone on.
  for (const one of [first, second])
    await one
      .open()
      .then(
        async (store) => assert.equal(await count(store), 20),
        isRefused(/one of the two notes in .*\.sums is damaged/),
      );
  await assert.rejects(both.open(), isRefused(/\.sums is damaged/));
});

test("while another program reads, the log grows; it is moved when that has ended", async (t) => {
  const here = place(t);
  const store = await here.open();
  const other = new DatabaseSync(here.file, { readOnly: true });
  other.exec("BEGIN; SELECT count(*) FROM iam_domains");
  for (let row = 0; row < 100; row++) await add(store, `row-${row}`);
  const grown = statSync(`${here.file}-wal`).size;
  assert.ok(grown > 100 * FRAME);
  const killed = here.copy();
  other.exec("COMMIT");
  other.close();
  for (let row = 100; row < 200; row++) await add(store, `row-${row}`);
  assert.equal(statSync(`${here.file}-wal`).size, grown);
  assert.equal(await count(await killed.open()), 100);
  assert.deepEqual([...killed.warnings, ...here.warnings], []);
});

for (const stage of ["noted", "moved", "begun"] as const)
  test(`another program that begins to read when a move of the log is ${stage} changes nothing`, async (t) => {
    const here = place(t);
    const readers: DatabaseSync[] = [];
    let row = 0;
    const store = await here.open({
      // The reading ends right before the next commit, or lasts for a few.
      beforeCommit() {
        if (row < 150) for (const reader of readers.splice(0)) reader.close();
      },
      atCheckpoint(reached) {
        if (reached !== stage) return;
        const reader = new DatabaseSync(here.file, { readOnly: true });
        reader.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
        readers.push(reader);
      },
    });
    while (row < 300) {
      row++;
      await add(store, `row-${row}`);
      if (row % 5 === 0) for (const reader of readers.splice(0)) reader.close();
      if (row % 20 > 0) continue;
      const killed = here.copy();
      assert.equal(await count(await killed.open()), row);
      assert.deepEqual(killed.warnings, []);
    }
    assert.deepEqual(here.warnings, []);
  });

test("a log that is damaged under a running store stops the writes, and is not moved", async (t) => {
  const here = place(t);
  const store = await here.open();
  await add(store, "row");
  change(`${here.file}-wal`, lastFrame(here.file) + 100);
  await assert.rejects(async () => {
    for (let row = 0; row < 100; row++) await add(store, `row-${row}`);
  }, /is damaged|is closed/);
  await assert.rejects(here.copy().open(), isRefused(/is damaged/));
});

test("after many rounds in one file, the log is begun anew", async (t) => {
  const here = place(t, 8);
  const rounds: string[] = [];
  const store = await here.open({ atCheckpoint: (stage) => stage === "settled" && rounds.push(stage) });
  const former: number[] = [];
  let row = 0;
  for (; rounds.length < 70; row++) {
    await add(store, `row-${row}`);
    const head = /"former":\[([^\]]*)\]/.exec(readFileSync(`${here.file}.sums`, "latin1"))?.[1] ?? "";
    former.push(head.split(",").length);
  }
  assert.equal(Math.max(...former), 64);
  assert.ok((former.at(-1) ?? 0) < 10);
  assert.equal(await count(await here.copy().open()), row);
});
