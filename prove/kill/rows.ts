import type { Session } from "../../src/store/index.ts";

export interface OperationSeen {
  id: string;
  kind: string;
  verb: string;
  plan: string;
  step: number;
  performed: number;
  state: string;
}

export interface ThingSeen {
  ref: string;
  phase: string;
  until: number;
  operation_id: string;
  spec: string;
  made: number;
}

/** The rows that one write has touched, as they are now; those that it has deleted are only counted. */
export interface Touched {
  operations: OperationSeen[];
  things: ThingSeen[];
  holdings: { taken_by: string }[];
  resources: { kind: string }[];
  /** Resources that there are in all. */
  count: number;
}

/** By name, with what tells a row from another first. Times of leases and events are not among what a write moves. */
const SELECTS = {
  operations: "SELECT id, kind, verb, plan, step, performed, state, attempt, owner, fence FROM operations",
  things: "SELECT ref, phase, until, fence, operation_id, spec, made FROM sim_things",
  holdings: "SELECT seq, taken_by, released_by, skipped_by FROM holdings",
  resources: "SELECT id, kind, state, spec, facts, alarm_at, gone_at, updated_at FROM resources",
};
const COUNT = "SELECT count(*) AS count FROM resources";

export interface Rows {
  /** Everything, as it stands. */
  all(session: Session): Promise<Touched>;
  /** Asked inside the write, once its statements have run. */
  touched(session: Session): Promise<Touched>;
}

/** PostgreSQL tells which transaction has written a row; asked in one go, since each question is a way there and back. */
class ToldRows implements Rows {
  all(session: Session): Promise<Touched> {
    return this.#ask(session, "");
  }

  touched(session: Session): Promise<Touched> {
    return this.#ask(session, " WHERE xmin = pg_current_xact_id_if_assigned()::xid");
  }

  async #ask(session: Session, where: string): Promise<Touched> {
    const lists = Object.entries(SELECTS).map(
      ([name, select]) => `'${name}', (SELECT coalesce(json_agg(one), '[]') FROM (${select}${where}) one)`,
    );
    const sql = `SELECT json_build_object(${lists.join(", ")}, 'count', (${COUNT})) AS touched`;
    const row = await session.get<{ touched: Touched }>(sql);
    if (!row) throw new Error("the store has answered nothing");
    return row.touched;
  }
}

/** SQLite does not: the rows are compared with what they were. A write is alone, so that whatever differs is its own. */
class ComparedRows implements Rows {
  readonly #known = new Map<string, string>();

  async all(session: Session): Promise<Touched> {
    await this.touched(session);
    return this.#read(session, () => true);
  }

  touched(session: Session): Promise<Touched> {
    return this.#read(session, (name, row) => this.#differs(name, row));
  }

  async #read(session: Session, keep: (name: string, row: object) => boolean): Promise<Touched> {
    const list = async <Row extends object>(name: keyof typeof SELECTS) =>
      (await session.all<Row>(SELECTS[name])).filter((row) => keep(name, row));
    return {
      operations: await list<OperationSeen>("operations"),
      things: await list<ThingSeen>("things"),
      holdings: await list<{ taken_by: string }>("holdings"),
      resources: await list<{ kind: string }>("resources"),
      count: (await session.get<{ count: number }>(COUNT))?.count ?? 0,
    };
  }

  #differs(name: string, row: object): boolean {
    const [key] = Object.values(row) as unknown[];
    const text = JSON.stringify(row);
    if (this.#known.get(`${name}/${String(key)}`) === text) return false;
    this.#known.set(`${name}/${String(key)}`, text);
    return true;
  }
}

export const rowsOf = (store: "sqlite" | "postgres"): Rows =>
  store === "postgres" ? new ToldRows() : new ComparedRows();
