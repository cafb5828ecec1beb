import { closeSync, existsSync, fstatSync, ftruncateSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Log } from "../log.ts";
import { APPLICATION_ID, adopt } from "./sqlite-adopt.ts";
import { checkFiles, Damaged, filesOf, type StoreFiles } from "./sqlite-check.ts";
import { Notes, sync } from "./sqlite-notes.ts";
import { type Sums, sumComing } from "./sqlite-sums.ts";
import { frameAt, readWal } from "./sqlite-wal.ts";

/** Pages of log after which they are moved into the database file. */
export const LOG_PAGES = 4_000;
/** Rounds in one file of log; then it is begun anew, so that the list of their salts stays short. */
const ROUNDS = 64;

/** The stages of a checkpoint; what a stage names is on disk when it is told. */
export type CheckpointStage = "noted" | "moved" | "begun" | "settled";

/** The log is moved and its next round not noted: what would be written to it could not be told from another's. */
export class Stuck extends Error {}

export interface LogOptions {
  log: Log;
  logPages: number;
  /** Told of each stage of a checkpoint; a test ends the process here. */
  tell?: (stage: CheckpointStage) => void;
}

/**
 * Keeps the log of an embedded store, in SQLite's place: it decides when the log is moved into the database file, and notes
 * the sum of every page around that, so that the next start can tell a sound store from a damaged one.
 *
 * A checkpoint: the sums that the pages will have are noted (noted), SQLite moves the pages (moved), an empty write begins
 * the next round of the log (begun), and pages and round are noted (settled). Cut at any place, the state is found again.
 */
export class SqliteLog {
  readonly #files: StoreFiles;
  readonly #options: LogOptions;
  readonly #notes: Notes;
  /** Frames that the log may have beyond its due length: for one long write, and until the next try. */
  readonly #room: number;
  #sums: Sums;
  #db: DatabaseSync | undefined;
  #countFrames: () => number = () => 0;
  /** Frames at which the next checkpoint is due. */
  #due = 0;

  /** Checks the files before SQLite opens them; the caller holds the folder. @throws Damaged */
  constructor(file: string, options: LogOptions) {
    this.#files = filesOf(file);
    this.#options = options;
    this.#room = Math.ceil(options.logPages / 4);
    this.#notes = new Notes(this.#files.sums);
    const found = existsSync(this.#files.unverified) ? undefined : checkFiles(this.#files, this.#notes);
    if (found?.warning) options.log.warn(found.warning.fields, found.warning.message);
    this.#sums = found?.sums ?? adopt(this.#files, this.#notes, options.log);
  }

  /** Takes over the log of an opened database (with wal_autocheckpoint = 0): what it holds is moved, and a round begins. */
  attach(db: DatabaseSync): void {
    const noop = db.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#countFrames = () => Number(noop.get()?.log ?? 0);
    this.#db = db;
    if (this.#sums.log) this.#checkpoint("TRUNCATE");
    else this.#begin(this.#sums.pages, []);
  }

  /** The log has grown long enough to be moved. */
  isDue(): boolean {
    return this.#countFrames() >= this.#due;
  }

  /**
   * Moves the log. After an error it may be tried again, and it is due again later.
   * @throws Stuck, Damaged: then nothing more may be written
   */
  move(): void {
    this.#due = this.#countFrames() + this.#room;
    this.#checkpoint((this.#sums.log?.former.length ?? 0) < ROUNDS ? "RESTART" : "TRUNCATE");
  }

  /** Leaves a database file that is the whole state, and no log. The caller then closes its connections. */
  close(): void {
    this.#note();
    this.#moved("TRUNCATE");
  }

  #checkpoint(mode: "RESTART" | "TRUNCATE"): void {
    const coming = this.#note();
    const moved = this.#moved(mode);
    if (moved === "in part") return this.#postpone();
    this.#options.tell?.("moved");
    const { former = [], salt = "" } = this.#sums.log ?? {};
    try {
      this.#begin(coming, mode === "TRUNCATE" && moved === "alone" ? [] : [...former, salt]);
    } catch (error) {
      throw new Stuck("a round of the log could not be begun: start Ebb again", { cause: error });
    }
  }

  /** Writes down what the pages will be, and up to where the log is needed until they are. */
  #note(): Uint32Array {
    const { pageSize, pages, log } = this.#sums;
    const frames = this.#countFrames();
    const wal = readWal(this.#files.wal, pageSize, { most: frames });
    // SQLite itself would move a frame that was damaged on the disk.
    if (!log || wal.salt !== log.salt || wal.frames !== frames)
      throw new Damaged(
        this.#files,
        `${this.#files.wal} is damaged: of ${frames} frames that were written, ${wal.frames} are whole`,
      );
    const coming = sumComing(pages, wal);
    this.#write({ pageSize, pages, coming, log: { ...log, frames, sum: wal.sumAt(frames) } });
    this.#options.tell?.("noted");
    return coming;
  }

  /**
   * Has SQLite move the pages: in part while another program reads an older state; all of them, with another program
   * reading that state, or alone. Once all are moved, SQLite begins a round with the next write, whoever makes it.
   */
  #moved(mode: "RESTART" | "TRUNCATE"): "in part" | "all" | "alone" {
    const db = this.#open();
    db.exec("PRAGMA busy_timeout = 0");
    const answer = db.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
    db.exec("PRAGMA busy_timeout = 5000");
    if (answer?.busy === 0) return "alone";
    return answer?.checkpointed === answer?.log ? "all" : "in part";
  }

  /** The first write of a round changes nothing that is read: it brings the round's salt about, which is then noted. */
  #begin(pages: Uint32Array, former: readonly string[]): void {
    const db = this.#open();
    const { pageSize } = this.#sums;
    const version = Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0);
    const size = this.#enlarge(this.#options.logPages);
    db.exec(
      `BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${(version + 1) % 2 ** 31}; COMMIT`,
    );
    this.#options.tell?.("begun");
    const { salt, sumAt } = readWal(this.#files.wal, pageSize, { most: 1 });
    if (this.#countFrames() !== 1 || salt === this.#sums.log?.salt) return this.#postpone();
    this.#write({ pageSize, pages, coming: null, log: { salt, size, frames: 1, sum: sumAt(1), former } });
    this.#due = this.#options.logPages;
    this.#options.tell?.("settled");
  }

  /** Another program's reading keeps the log from being moved, or begun anew: it grows until the next try. */
  #postpone(): void {
    const { log } = this.#sums;
    this.#due = this.#countFrames() + this.#room;
    const size = this.#enlarge(this.#due);
    if (!log || size <= log.size) return;
    sync(this.#files.wal);
    this.#write({ ...this.#sums, log: { ...log, size } });
  }

  /**
   * Makes the file of the log longer than what `frames` need, with a hole, so that a cut anywhere shows. Answers its size,
   * which is on disk after the next commit.
   */
  #enlarge(frames: number): number {
    const size = frameAt(frames + this.#room + 1, this.#sums.pageSize);
    const fd = openSync(this.#files.wal, "r+");
    try {
      const before = fstatSync(fd).size;
      if (before < size) ftruncateSync(fd, size);
      return Math.max(before, size);
    } finally {
      closeSync(fd);
    }
  }

  #write(sums: Sums): void {
    this.#notes.write(sums);
    this.#sums = sums;
  }

  #open(): DatabaseSync {
    if (!this.#db) throw new Error("the log has no database yet");
    return this.#db;
  }
}
