import { closeSync, existsSync, readSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Log } from "../log.ts";
import { Damaged, type StoreFiles } from "./sqlite-check.ts";
import type { Notes } from "./sqlite-notes.ts";
import { type Sums, sumPages } from "./sqlite-sums.ts";
import { frameAt, isBegun, openIfThere, readWal } from "./sqlite-wal.ts";

/** In the database file's own head: "this store keeps sums". Without it, a lost file of sums would look like an older store. */
export const APPLICATION_ID = 0x45626221;

/** SQLite's own for a fresh file. */
const PAGE_SIZE = 4_096;

/**
 * Gives a store its first sums: a fresh one, one of an Ebb that kept none, or a damaged one that a person wants to go on
 * with. SQLite's own check of its structure must hold.
 * @throws Damaged
 */
export function adopt(files: StoreFiles, notes: Notes, log: Log): Sums {
  const unverified = existsSync(files.unverified);
  if (!unverified && isFresh(files)) return { pageSize: PAGE_SIZE, pages: new Uint32Array(), coming: null, log: null };
  if (!unverified && applicationId(files) === APPLICATION_ID)
    throw new Damaged(files, `${files.sums} is missing: the pages of ${files.db} cannot be checked`);
  const sums: Sums = { ...settle(files), coming: null, log: null };
  notes.write(sums);
  if (unverified) {
    log.warn(
      { file: files.db },
      "an unverified store is gone on with: its structure is sound, what it says may be wrong",
    );
    rmSync(files.unverified);
  } else log.info({ file: files.db }, "the store keeps sums of its pages from here on");
  return sums;
}

/** Nothing is there, or what a start leaves that was ended before its first write. */
function isFresh(files: StoreFiles): boolean {
  const size = sizeOf(files.db);
  // A database of one page has no table.
  if (size > PAGE_SIZE || (size > 0 && readAt(files.db, 0, 16).toString() !== "SQLite format 3\0")) return false;
  const begun = isBegun(readWal(files.wal, PAGE_SIZE));
  if (size === 0 && !begun)
    throw new Damaged(files, `${files.db} is ${existsSync(files.db) ? "empty" : "missing"}, and ${files.wal} is not`);
  if (begun) for (const one of [files.db, files.wal]) rmSync(one, { force: true });
  return begun;
}

/** Has SQLite check the store and move its log into the file; then sums the file. */
function settle(files: StoreFiles): Pick<Sums, "pageSize" | "pages"> {
  const db = new DatabaseSync(files.db);
  let pageSize: number;
  try {
    db.exec("PRAGMA journal_mode = WAL");
    const troubles = db
      .prepare("PRAGMA integrity_check(5)")
      .all()
      .map(({ integrity_check: one }) => String(one));
    if (troubles.join() !== "ok") throw new Damaged(files, `${files.db} is damaged: ${troubles.join("; ")}`, true);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    pageSize = Number(db.prepare("PRAGMA page_size").get()?.page_size);
  } catch (error) {
    throw isCorrupt(error) ? new Damaged(files, `${files.db} is damaged: ${error.message}`, true) : error;
  } finally {
    // The file is read after SQLite has let go of it: closing it here as well would drop SQLite's own locks.
    db.close();
  }
  return { pageSize, pages: sumPages(files.db, pageSize) };
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const isCorrupt = (error: unknown): error is Error =>
  error instanceof Error &&
  [SQLITE_CORRUPT, SQLITE_NOTADB].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff);

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** As SQLite would read it: from the log, where page 1 stands in it. */
function applicationId({ db, wal }: StoreFiles): number {
  const pageSize = readAt(db, 16, 2).readUInt16BE(0);
  const frame = readWal(wal, pageSize === 1 ? 65_536 : Math.max(512, pageSize)).pages.get(1);
  return (frame === undefined ? readAt(db, 68, 4) : readAt(wal, frameAt(frame, pageSize) + 24 + 68, 4)).readUInt32BE(0);
}

function readAt(file: string, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const fd = openIfThere(file);
  if (fd === undefined) return bytes;
  try {
    readSync(fd, bytes, 0, length, at);
    return bytes;
  } finally {
    closeSync(fd);
  }
}
