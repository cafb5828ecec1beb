import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Log } from "../log.ts";
import { migrate } from "./migrations.ts";
import type { Point } from "./points.ts";
import { Damaged } from "./sqlite-check.ts";
import { LOG_PAGES, SqliteLog, Stuck } from "./sqlite-log.ts";
import type { Param, Session, Store, WriteHooks, WriteOptions } from "./store.ts";

/** Writes that wait together share one commit, so that one fsync serves many; the bound keeps a batch short. */
const BATCH = 128;
const WAITING_LIMIT = 20_000;
const SQLITE_BUSY = 5;

interface Waiting {
  /** Null: nothing of it is kept. */
  point: Point | null;
  change: (session: Session) => Promise<unknown>;
  signal: AbortSignal | undefined;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/** One connection's session. node:sqlite answers at once, so that a promise here only fits the shared shape. */
class SqliteSession implements Session {
  readonly forUpdate = "";
  readonly skipLocked = "";
  readonly dbNow = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  async all<Row>(sql: string, params: readonly Param[] = []): Promise<Row[]> {
    return this.#prepare(sql).all(...params) as Row[];
  }

  async get<Row>(sql: string, params: readonly Param[] = []): Promise<Row | undefined> {
    return this.#prepare(sql).get(...params) as Row | undefined;
  }

  async run(sql: string, params: readonly Param[] = []): Promise<number> {
    return Number(this.#prepare(sql).run(...params).changes);
  }

  async notify(): Promise<void> {}

  /** A write is alone here anyway. */
  async lock(): Promise<void> {}

  /** Nor does it overlap with another. */
  async writers(): Promise<string[]> {
    return [];
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      if (this.#prepared.size >= 500) this.#prepared.clear();
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

/** Holds the data folder for this process: the system drops the lock when the process ends, however it ends. */
function lock(file: string): DatabaseSync {
  const held = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    held.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    return held;
  } catch (error) {
    held.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw Object.assign(new Error(`another Ebb is running on ${file}: stop it, or give this one its own --data-dir`), {
      code: "EBB_LOCKED",
    });
  }
}

/**
 * Closes the lock of the folder last, and the reader after the writer: SQLite moves the log by itself, without a note of
 * it, when the last connection to the file is closed and may write. (It counts once it has read.)
 */
function closeAll([folder, ...others]: readonly DatabaseSync[]): void {
  for (const one of others) one.close();
  folder?.close();
}

export interface SqliteAddress {
  file: string;
  /** Pages of log after which they are moved into the database file. */
  logPages?: number | undefined;
  log: Log;
}

class SqliteStore implements Store {
  readonly kind = "sqlite";
  readonly alone = true;
  readonly #lock: DatabaseSync;
  readonly #log: Log;
  readonly #ahead: SqliteLog;
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #writing: SqliteSession;
  readonly #reading: SqliteSession;
  readonly #hooks: WriteHooks;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #snapshot = false;
  #closed = false;

  constructor({ file, logPages = LOG_PAGES, log }: SqliteAddress, hooks: WriteHooks) {
    const opened: DatabaseSync[] = [];
    const open = (one: DatabaseSync, settings: string) => {
      opened.push(one);
      one.exec(settings);
      return one;
    };
    try {
      this.#lock = open(lock(file), "");
      this.#ahead = new SqliteLog(file, { log, logPages, tell: (stage) => hooks.atCheckpoint?.(stage) });
      this.#writer = open(
        new DatabaseSync(file),
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY",
      );
      this.#reader = open(
        new DatabaseSync(file, { readOnly: true }),
        "PRAGMA busy_timeout = 5000; PRAGMA user_version",
      );
      this.#ahead.attach(this.#writer);
    } catch (error) {
      closeAll(opened);
      throw error;
    }
    this.#writing = new SqliteSession(this.#writer);
    this.#reading = new SqliteSession(this.#reader);
    this.#hooks = hooks;
    this.#log = log;
  }

  read<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    // One snapshot serves every read between two commits: taking one costs more than a point read.
    if (!this.#snapshot) this.#reader.exec("BEGIN");
    this.#snapshot = true;
    return ask(this.#reading);
  }

  write<T>(point: Point, change: (session: Session) => Promise<T>, { signal }: WriteOptions = {}): Promise<T> {
    return this.#queue(point, change, signal);
  }

  rehearse<T>(change: (session: Session) => Promise<T>): Promise<T> {
    return this.#queue(null, change);
  }

  async #queue<T>(point: Point | null, change: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#closed) throw new Error(`the store is closed: ${point ?? "a rehearsal"} was not run`);
    if (this.#waiting.length >= WAITING_LIMIT)
      throw new Error(`the store has ${WAITING_LIMIT} writes waiting: ${point ?? "a rehearsal"} was turned away`);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ point, change, signal, resolve: resolve as (value: unknown) => void, reject });
      this.#draining ??= this.#drain();
    });
  }

  async listen(): Promise<() => Promise<void>> {
    return async () => {};
  }

  async close(): Promise<void> {
    this.#closed = true;
    while (this.#draining) await this.#draining;
    this.#dropSnapshot();
    try {
      this.#ahead.close();
    } finally {
      closeAll([this.#lock, this.#writer, this.#reader]);
    }
  }

  async #drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#waiting.length > 0) {
        await this.#next();
        if (this.#ahead.isDue()) await this.#moveLog();
      }
    } catch (error) {
      // A transaction could not even be rolled back, or the log not be begun anew: nothing more can be written.
      this.#closed = true;
      for (const one of this.#waiting.splice(0)) one.reject(error);
    } finally {
      this.#draining = undefined;
    }
  }

  /** A rehearsal has a transaction of its own: rolled back whole, it leaves no byte behind. */
  async #next(): Promise<void> {
    const rehearsal = this.#waiting.findIndex((one) => one.point === null);
    if (rehearsal === 0) await this.#rehearse(this.#waiting.shift() as Waiting);
    else await this.#commit(this.#waiting.splice(0, Math.min(BATCH, rehearsal < 0 ? BATCH : rehearsal)));
  }

  async #rehearse(one: Waiting): Promise<void> {
    try {
      // Else the pages of one that is larger than the cache go to the log before their time.
      this.#writer.exec("PRAGMA cache_spill = OFF; BEGIN IMMEDIATE");
      const settle = await this.#apply(one);
      this.#writer.exec("ROLLBACK");
      settle();
    } catch (error) {
      one.reject(error);
      if (this.#writer.isTransaction) this.#writer.exec("ROLLBACK");
    } finally {
      this.#writer.exec("PRAGMA cache_spill = ON");
    }
  }

  async #commit(batch: Waiting[]): Promise<void> {
    const settled: (() => void)[] = [];
    try {
      this.#dropSnapshot();
      this.#writer.exec("BEGIN IMMEDIATE");
      for (const one of batch) settled.push(await this.#apply(one));
      const points = batch.flatMap((one) => one.point ?? []);
      this.#hooks.beforeCommit?.(points, this.#writing);
      this.#writer.exec("COMMIT");
      this.#dropSnapshot();
      this.#hooks.afterCommit?.(points, this.#writing);
    } catch (error) {
      for (const one of batch) one.reject(error);
      if (this.#writer.isTransaction) this.#writer.exec("ROLLBACK");
      return;
    }
    for (const settle of settled) settle();
  }

  /** After the answers of the commit before it, which hold whatever becomes of this. */
  async #moveLog(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#dropSnapshot();
    try {
      this.#ahead.move();
    } catch (error) {
      this.#log.error({ error }, "the log could not be moved into the database file");
      if (error instanceof Damaged || error instanceof Stuck) throw error;
    }
  }

  /** Before a commit, so that the log can be wound back; after it, so that the next read sees it. */
  #dropSnapshot(): void {
    if (this.#snapshot) this.#reader.exec("COMMIT");
    this.#snapshot = false;
  }

  /** A savepoint each: a refused write leaves the others of its batch alone. */
  async #apply(one: Waiting): Promise<() => void> {
    await this.#writing.run("SAVEPOINT one");
    try {
      one.signal?.throwIfAborted();
      const value = await one.change(this.#writing);
      one.signal?.throwIfAborted();
      if (one.point && this.#hooks.written) await this.#hooks.written(one.point, this.#writing);
      await this.#writing.run("RELEASE one");
      return () => one.resolve(value);
    } catch (error) {
      await this.#writing.run("ROLLBACK TO one");
      await this.#writing.run("RELEASE one");
      return () => one.reject(error);
    }
  }
}

/** Opens (and creates) the embedded store. Fails with EBB_LOCKED when another process has it, with EBB_DAMAGED when it is. */
export async function openSqlite(address: SqliteAddress, hooks: WriteHooks = {}): Promise<Store> {
  mkdirSync(dirname(address.file), { recursive: true, mode: 0o700 });
  const store = new SqliteStore(address, hooks);
  try {
    await migrate(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}
