import type { Point } from "./points.ts";

export type Param = string | number | null;

/** What can be asked inside one read or one write. Parameters are written as `?` in both stores. */
export interface Session {
  all<Row>(sql: string, params?: readonly Param[]): Promise<Row[]>;
  get<Row>(sql: string, params?: readonly Param[]): Promise<Row | undefined>;
  /** Runs a statement and answers how many rows it changed. */
  run(sql: string, params?: readonly Param[]): Promise<number>;
  /** When the surrounding write commits, tells the other processes on this store that work was accepted. */
  notify(): Promise<void>;
  /** Keeps other writers under the same name waiting until the surrounding write ends. */
  lock(name: string): Promise<void>;
  /**
   * Names the writes, of any process, that have begun to write to `table` and have not ended: what they wrote shows only
   * later, and may stand before what shows already. Empty where one write follows another.
   */
  writers(table: string): Promise<string[]>;
  /** Appended to a SELECT: locks its rows until the write ends ("" where a write is alone anyway). */
  readonly forUpdate: string;
  /** The same, passing over rows that another process has locked. */
  readonly skipLocked: string;
  /** An SQL expression for the store's own clock, in ms. Only leases use it. */
  readonly dbNow: string;
}

/**
 * Told of every durable write, by its point's name; a test kills the process here. The session is the one in which the
 * writes were made.
 */
export interface WriteHooks {
  /** Told of each write inside its transaction, once its statements have run; an error rolls that one write back. */
  written?(point: Point, session: Session): Promise<void>;
  beforeCommit?(points: readonly Point[], session: Session): void;
  afterCommit?(points: readonly Point[], session: Session): void;
  /** The embedded store's own: it moves its log into its file. */
  atCheckpoint?(stage: "noted" | "moved" | "begun" | "settled"): void;
}

export interface WriteOptions {
  /** When aborted before the commit, the write is rolled back and fails with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** The tables. `write` is the one place where anything becomes durable. */
export interface Store {
  readonly kind: "sqlite" | "postgres";
  read<T>(ask: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Runs `change` in one transaction and answers after its commit. `point` names the write (for logs and kill tests).
   * `change` may run more than once (a conflict is retried) and may wait for nothing but its session.
   */
  write<T>(point: Point, change: (session: Session) => Promise<T>, options?: WriteOptions): Promise<T>;
  /**
   * Runs `change` in one transaction that is always rolled back, and answers what it answered. Nobody else sees it, and
   * nothing of it reaches the disk.
   */
  rehearse<T>(change: (session: Session) => Promise<T>): Promise<T>;
  /** Calls `hear` when another process has accepted work. Answers how to stop listening. */
  listen(hear: () => void): Promise<() => Promise<void>>;
  /** True when no other process can own work in this store. */
  readonly alone: boolean;
  close(): Promise<void>;
}
