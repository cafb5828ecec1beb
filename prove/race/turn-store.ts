import type { Param, Point, Session, Store } from "../../src/store/index.ts";
import type { Gates } from "./gates.ts";

/** What the processes of one schedule share beside the store. */
export interface Town {
  gates: Gates;
  /** The store's own clock, in ms: leases run out when the schedule says so. */
  leases: { now: number };
  /** Who hears that another process has accepted work. */
  listeners: Map<string, () => void>;
  /** Called inside each granted step, after its commit, with the tables that it has written. */
  committed(process: string, point: Point, tables: ReadonlySet<string>): Promise<void>;
}

const WRITES = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)/;
const written = new Map<string, string | undefined>();

/** The table that a statement writes, if it writes any. */
function tableOf(sql: string): string | undefined {
  if (!written.has(sql)) written.set(sql, WRITES.exec(sql)?.[1]);
  return written.get(sql);
}

/** Passes everything on, but for the store's clock. */
class TurnSession implements Session {
  readonly forUpdate: string;
  readonly skipLocked: string;
  readonly dbNow: string;
  notified = false;
  readonly tables = new Set<string>();
  readonly #inner: Session;

  constructor(inner: Session, now: number) {
    this.#inner = inner;
    this.forUpdate = inner.forUpdate;
    this.skipLocked = inner.skipLocked;
    this.dbNow = `CAST(${now} AS BIGINT)`;
  }

  all<Row>(sql: string, params?: readonly Param[]): Promise<Row[]> {
    this.#note(sql);
    return this.#inner.all(sql, params);
  }

  get<Row>(sql: string, params?: readonly Param[]): Promise<Row | undefined> {
    this.#note(sql);
    return this.#inner.get(sql, params);
  }

  run(sql: string, params?: readonly Param[]): Promise<number> {
    this.#note(sql);
    return this.#inner.run(sql, params);
  }

  async notify(): Promise<void> {
    this.notified = true;
  }

  lock(name: string): Promise<void> {
    return this.#inner.lock(name);
  }

  writers(table: string): Promise<string[]> {
    return this.#inner.writers(table);
  }

  #note(sql: string): void {
    const table = tableOf(sql);
    if (table !== undefined) this.tables.add(table);
  }
}

/** A process's view of the store: each of its writes waits for its turn. */
export class TurnStore implements Store {
  readonly kind: Store["kind"];
  readonly alone: boolean;
  readonly #inner: Store;
  readonly #process: string;
  readonly #town: Town;

  constructor(inner: Store, process: string, town: Town, alone: boolean) {
    this.kind = inner.kind;
    this.alone = alone;
    this.#inner = inner;
    this.#process = process;
    this.#town = town;
  }

  async read<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    const { gates, leases } = this.#town;
    return gates.follow(() => this.#inner.read((session) => ask(new TurnSession(session, leases.now))));
  }

  async write<T>(
    point: Point,
    change: (session: Session) => Promise<T>,
    options?: { signal?: AbortSignal },
  ): Promise<T> {
    const { gates, leases, listeners, committed } = this.#town;
    return gates.pass(this.#process, point, async () => {
      let last: TurnSession | undefined;
      const value = await this.#inner.write(
        point,
        (session) => {
          last = new TurnSession(session, leases.now);
          return change(last);
        },
        options,
      );
      await committed(this.#process, point, last?.tables ?? new Set());
      if (last?.notified) for (const hear of listeners.values()) hear();
      return value;
    });
  }

  rehearse<T>(change: (session: Session) => Promise<T>): Promise<T> {
    const { gates, leases } = this.#town;
    return gates.pass(this.#process, "rehearsal", () =>
      this.#inner.rehearse((session) => change(new TurnSession(session, leases.now))),
    );
  }

  async listen(hear: () => void): Promise<() => Promise<void>> {
    if (!this.alone) this.#town.listeners.set(this.#process, hear);
    return async () => {
      this.#town.listeners.delete(this.#process);
    };
  }

  /** The store is the schedule's, and is closed by whoever opened it. */
  async close(): Promise<void> {}
}
