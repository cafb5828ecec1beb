import { statSync, truncateSync } from "node:fs";
import type { Notes } from "./sqlite-notes.ts";
import { type LogNote, type Sums, sumPages } from "./sqlite-sums.ts";
import { isBegun, readWal, type Wal } from "./sqlite-wal.ts";

/** The files of one embedded store. */
export interface StoreFiles {
  db: string;
  wal: string;
  sums: string;
  /** Made by a person who wants to go on with a damaged store, with whatever is in it. */
  unverified: string;
}

export const filesOf = (db: string): StoreFiles => ({
  db,
  wal: `${db}-wal`,
  sums: `${db}.sums`,
  unverified: `${db}.unverified`,
});

/** The store is not as it was written, and no state that once was committed can be told from its files. */
export class Damaged extends Error {
  readonly code = "EBB_DAMAGED";
  /** @param structure what SQLite itself cannot read: not even a person may go on with it */
  constructor({ db, unverified }: StoreFiles, what: string, structure = false) {
    const otherwise = structure
      ? `${db} as it is cannot be gone on with`
      : `To go on with what ${db} holds, whatever may be missing from it, make an empty file ${unverified} and start again`;
    super(`${what}. Put a copy of the whole folder back, or load a snapshot into a fresh --data-dir. ${otherwise}`);
    this.name = "Damaged";
  }
}

/** A sound store as it was found. */
export interface Found {
  sums: Sums;
  /** What was lost or left out, to be said aloud. */
  warning?: { message: string; fields: object };
}

/**
 * Holds the files of a store against its sums, before SQLite sees them. What a crash or a power cut may leave is sound,
 * and what cannot come from one is refused: then a state that was never committed might be read, or committed work missed.
 * Undefined for a store that has no sums yet.
 * @throws Damaged
 */
export function checkFiles(files: StoreFiles, notes: Notes): Found | undefined {
  const sums = notes.read();
  if (sums === undefined) return undefined;
  if (sums === "damaged")
    throw new Damaged(files, `${files.sums} is damaged: the pages of ${files.db} cannot be checked`);
  const wal = readWal(files.wal, sums.pageSize, { former: roundsOf(sums.log) });
  const trouble = sums.log && troubleOf(sums.log, wal);
  if (sums.log && !trouble) return withLog(files, sums, sums.log, wal);
  try {
    if (sums.coming) return moved(files, sums, wal);
    if (trouble) throw new Damaged(files, `${files.wal} ${trouble}`);
    return closed(files, sums, wal);
  } catch (error) {
    if (error instanceof Damaged && notes.torn) error.message += ` (one of the two notes in ${files.sums} is damaged)`;
    throw error;
  }
}

const roundsOf = (note: LogNote | null) => new Set(note ? [...note.former, note.salt] : []);

/** Why the log is not the one that was written, if so. */
function troubleOf(note: LogNote, wal: Wal): string | undefined {
  if (wal.size === 0) return "is missing: it held committed work";
  if (wal.size < note.size) return `was cut: it has ${wal.size} bytes of at least ${note.size}`;
  if (wal.salt === "") return "is damaged at its start";
  if (wal.salt !== note.salt)
    return "is of another time than the store: it was put there, or another program has written to the store";
  if (wal.sumAt(note.frames) !== note.sum) return "is damaged: committed work in it cannot be read";
  return undefined;
}

/** The state is the file under the log: pages that stand in the log may be anything, for a checkpoint may have been cut. */
function withLog(files: StoreFiles, sums: Sums, note: LogNote, wal: Wal): Found {
  const { tail } = wal;
  // What follows a commit was written after it was on disk: no power cut tears a commit that has another one behind it.
  if (tail.commits > 1)
    throw new Damaged(
      files,
      `${files.wal} is damaged ${tail.bytes} bytes before its end: committed work behind that cannot be read`,
    );
  comparePages(files, sums.pages, sums.pageSize, (page) => wal.pages.has(page));
  const kept = { file: files.wal, commits: wal.commits, left_out_bytes: tail.bytes };
  if (tail.bytes > 0)
    return {
      sums,
      warning: {
        message: "the log ends in a write that is not whole: it was left out. If it had been answered, it is lost",
        fields: kept,
      },
    };
  // Behind the last commit there is always room, unless the process ended between that commit and the one checkpoint after it.
  if (wal.frames > note.frames && wal.size > note.size && wal.size === endOf(wal, sums.pageSize))
    return {
      sums,
      warning: {
        message: "the log ends with a whole commit, and whether others stood behind it cannot be told",
        fields: kept,
      },
    };
  return { sums };
}

const endOf = (wal: Wal, pageSize: number) => 32 + wal.frames * (24 + pageSize);

/** The log is not there any more, or not whole: then the checkpoint must have moved all of it into the file. */
function moved(files: StoreFiles, sums: Sums, wal: Wal): Found {
  const pages = sums.coming ?? sums.pages;
  const begun = isBegun(wal);
  if (!begun && wal.salt !== sums.log?.salt) throw foreign(files);
  comparePages(files, pages, sums.pageSize);
  dropLog(files, wal);
  const found = { sums: { ...sums, pages, coming: null, log: null } };
  if (begun || wal.size === 0) return found;
  return {
    ...found,
    warning: {
      message: "the log is damaged. Nothing is lost: all that it held stands in the file",
      fields: { file: files.wal },
    },
  };
}

/** Closed in order, or ended before anything was written: no commit stands in the log. */
function closed(files: StoreFiles, sums: Sums, wal: Wal): Found {
  if (!isBegun(wal)) throw foreign(files);
  comparePages(files, sums.pages, sums.pageSize);
  dropLog(files, wal);
  return { sums };
}

const foreign = (files: StoreFiles) =>
  new Damaged(files, `${files.wal} is not of this store: another program has written to it, or the file was put there`);

function dropLog(files: StoreFiles, wal: Wal): void {
  if (wal.size > 0) truncateSync(files.wal);
}

function comparePages(
  files: StoreFiles,
  pages: Uint32Array,
  pageSize: number,
  excused: (page: number) => boolean = () => false,
): void {
  const seen = sumPages(files.db, pageSize);
  const size = statSync(files.db, { throwIfNoEntry: false })?.size ?? 0;
  const bad: number[] = [];
  for (let page = 1; page <= Math.max(pages.length, seen.length) / 2; page++) {
    const at = 2 * page - 2;
    const whole = size >= page * pageSize;
    const same = whole && pages[at] === seen[at] && pages[at + 1] === seen[at + 1];
    if (!same && !excused(page)) bad.push(page);
  }
  if (bad.length === 0) return;
  const shown = bad.slice(0, 8).join(", ");
  const more = bad.length > 8 ? `, and ${bad.length - 8} more` : "";
  throw new Damaged(
    files,
    `${files.db} is damaged: of its ${pages.length / 2} pages of ${pageSize} bytes, these are not as they were written: ${shown}${more}`,
  );
}
