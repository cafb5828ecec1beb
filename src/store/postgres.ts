import pg from "pg";
import { migrate } from "./migrations.ts";
import type { Point } from "./points.ts";
import type { Param, Session, Store, WriteHooks, WriteOptions } from "./store.ts";

const INT8 = 20;
const CHANNEL = "ebb_accepted";
/** Two writers that locked rows in different order, or a failed serialisation: the loser tries again. */
const RETRIED = new Set(["40001", "40P01"]);
const TRIES = 5;
const RECONNECT_MS = 1_000;
/** A process that is paused inside a write, or cut off, must not keep the others waiting without end. */
const PATIENCE = {
  connectionTimeoutMillis: 10_000,
  idle_in_transaction_session_timeout: 10_000,
  lock_timeout: 10_000,
  statement_timeout: 60_000,
};

/** Counts and times fit a JavaScript number, so bigint columns are read as one. */
const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format),
};

const numbered = new Map<string, string>();

/** `?` to `$1`, `$2`, ... No statement of Ebb has a question mark in a literal. */
function positional(sql: string): string {
  let text = numbered.get(sql);
  if (text === undefined) {
    let index = 0;
    text = sql.replace(/\?/g, () => `$${++index}`);
    if (numbered.size >= 500) numbered.clear();
    numbered.set(sql, text);
  }
  return text;
}

class PostgresSession implements Session {
  readonly forUpdate = " FOR UPDATE";
  readonly skipLocked = " FOR UPDATE SKIP LOCKED";
  readonly dbNow = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
  readonly #client: pg.Pool | pg.PoolClient;

  constructor(client: pg.Pool | pg.PoolClient) {
    this.#client = client;
  }

  async all<Row>(sql: string, params: readonly Param[] = []): Promise<Row[]> {
    const answer = await this.#client.query(positional(sql), [...params]);
    return answer.rows as Row[];
  }

  async get<Row>(sql: string, params: readonly Param[] = []): Promise<Row | undefined> {
    return (await this.all<Row>(sql, params))[0];
  }

  async run(sql: string, params: readonly Param[] = []): Promise<number> {
    return (await this.#client.query(positional(sql), [...params])).rowCount ?? 0;
  }

  async lock(name: string): Promise<void> {
    await this.#client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name]);
  }

  /** A statement that writes to a table has this lock on it before it takes a number, and until its commit shows. */
  async writers(table: string): Promise<string[]> {
    const { rows } = await this.#client.query<{ name: string }>(
      `SELECT DISTINCT virtualtransaction AS name FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
         AND relation = to_regclass($1) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [table],
    );
    return rows.map((row) => row.name);
  }

  async notify(): Promise<void> {
    await this.#client.query(`NOTIFY ${CHANNEL}`);
  }
}

class PostgresStore implements Store {
  readonly kind = "postgres";
  readonly alone = false;
  readonly #pool: pg.Pool;
  readonly #url: string;
  readonly #hooks: WriteHooks;

  constructor(url: string, hooks: WriteHooks) {
    this.#url = url;
    this.#hooks = hooks;
    this.#pool = new pg.Pool({ connectionString: url, max: 16, types, application_name: "ebb", ...PATIENCE });
    // An idle connection that the server drops is replaced at its next use; unheard, the error would end the process.
    this.#pool.on("error", () => {});
  }

  read<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    return ask(new PostgresSession(this.#pool));
  }

  write<T>(point: Point, change: (session: Session) => Promise<T>, { signal }: WriteOptions = {}): Promise<T> {
    return this.#tried(point, change, signal);
  }

  rehearse<T>(change: (session: Session) => Promise<T>): Promise<T> {
    return this.#tried(null, change);
  }

  /** Without a point, nothing is kept. */
  async #tried<T>(point: Point | null, change: (session: Session) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#transaction(point, change, signal);
      } catch (error) {
        if (tried >= TRIES || !RETRIED.has((error as { code?: string }).code ?? "")) throw error;
      }
    }
  }

  async #transaction<T>(
    point: Point | null,
    change: (session: Session) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on("error", onError);
    try {
      await client.query("BEGIN");
      signal?.throwIfAborted();
      const session = new PostgresSession(client);
      const value = await change(session);
      signal?.throwIfAborted();
      if (point === null) await client.query("ROLLBACK");
      else await this.#commit(client, point, session);
      return value;
    } catch (error) {
      if (!broken) await client.query("ROLLBACK").catch((failed: Error) => (broken = failed));
      throw error;
    } finally {
      client.removeListener("error", onError);
      client.release(broken);
    }
  }

  async #commit(client: pg.PoolClient, point: Point, session: Session): Promise<void> {
    if (this.#hooks.written) await this.#hooks.written(point, session);
    this.#hooks.beforeCommit?.([point], session);
    await client.query("COMMIT");
    this.#hooks.afterCommit?.([point], session);
  }

  async listen(hear: () => void): Promise<() => Promise<void>> {
    let stopped = false;
    let client = await this.#connectListener(hear, () => again());
    const again = () => {
      // What was missed while no connection listened, the runner's slow poll finds.
      if (!stopped) setTimeout(() => void reconnect(), RECONNECT_MS).unref();
    };
    const reconnect = async () => {
      const next = await this.#connectListener(hear, () => again()).catch(() => undefined);
      if (!next) again();
      else if (stopped) await next.end();
      else client = next;
    };
    return async () => {
      stopped = true;
      await client.end().catch(() => {});
    };
  }

  async #connectListener(hear: () => void, lost: () => void): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#url, application_name: "ebb-listen" });
    client.on("notification", hear);
    client.on("error", () => {});
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    client.once("end", lost);
    return client;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** Opens the shared store (PostgreSQL 15 or newer) and brings its tables up to date. */
export async function openPostgres(url: string, hooks: WriteHooks = {}): Promise<Store> {
  const store = new PostgresStore(url, hooks);
  try {
    await migrate(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}
