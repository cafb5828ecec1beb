import { LIFECYCLE_POINTS, type Point, type Session, WORLD_POINTS } from "../../src/store/index.ts";

/** Points that are told apart by what they move; of the others, each is one place. */
const NAMED: ReadonlySet<string> = new Set([...LIFECYCLE_POINTS, ...WORLD_POINTS]);

interface OperationSeen {
  id: string;
  kind: string;
  verb: string;
  plan: string;
  step: number;
  performed: number;
  state: string;
  attempt: number;
  owner: string | null;
  fence: number;
}

interface ThingSeen {
  ref: string;
  phase: string;
  until: number;
  fence: number;
  operation_id: string;
  spec: string;
  made: number;
}

/** What one write is about to make durable. */
export interface Written {
  /** `step clouddc.instance.delete@uninstall`: the point, and each operation that the write moves. */
  labels: string[];
  made: string[];
  changed: { ref: string; operation: string; spec: string }[];
}

const OPERATIONS = "SELECT id, kind, verb, plan, step, performed, state, attempt, owner, fence FROM operations";
const THINGS = "SELECT ref, phase, until, fence, operation_id, spec, made FROM sim_things";
const HOLDINGS = "SELECT seq, taken_by, released_by, skipped_by FROM holdings";
const RESOURCES = "SELECT id, kind, state, spec, facts, alarm_at, gone_at, updated_at FROM resources";

/** `clouddc.instance.delete@uninstall`; a `+` once the step has performed; where it stands, if it is over. */
function nameOf({ kind, verb, plan, step, performed, state }: OperationSeen): string {
  const { steps } = JSON.parse(plan) as { steps: string[] };
  return `${kind}.${verb}@${steps[step] ?? "end"}${performed ? "+" : ""}${state === "running" ? "" : ` ${state}`}`;
}

/** Tells from the rows that a write has touched what the write is. Looked at from inside its transaction. */
export class Labels {
  readonly #known = new Map<string, string>();
  readonly #operations = new Map<string, OperationSeen>();
  readonly #things = new Map<string, ThingSeen>();
  readonly #precise: boolean;
  #resources = 0;

  /** @param precise the store tells which rows a transaction has written (PostgreSQL); else they are compared */
  constructor(precise: boolean) {
    this.#precise = precise;
  }

  /** Takes note of everything as it stands, before the first write that is told apart. */
  async start(session: Session): Promise<void> {
    for (const sql of [OPERATIONS, THINGS, HOLDINGS, RESOURCES])
      for (const row of await session.all<object>(sql)) this.#differs(sql, row);
    this.#resources = await this.#countResources(session);
    for (const one of await session.all<OperationSeen>(OPERATIONS)) this.#operations.set(one.id, one);
    for (const one of await session.all<ThingSeen>(THINGS)) this.#things.set(one.ref, one);
  }

  async of(point: Point, session: Session): Promise<Written> {
    const operations = await this.#touched<OperationSeen>(session, OPERATIONS);
    for (const one of operations) this.#operations.set(one.id, one);
    const things = await this.#world(session);
    const about = new Set(operations.map(nameOf));
    for (const { operation_id } of things.touched) about.add(this.#name(operation_id));
    const holdings = await this.#touched<{ taken_by: string }>(session, HOLDINGS);
    const resources = await this.#touched<{ kind: string }>(session, RESOURCES);
    if (about.size === 0) for (const one of holdings) about.add(this.#name(one.taken_by));
    if (about.size === 0) for (const { kind } of resources) about.add(kind);
    const count = await this.#countResources(session);
    if (count < this.#resources) about.add("of records");
    this.#resources = count;
    const labels = NAMED.has(point) ? [...about].map((one) => `${point} ${one}`) : [point];
    return { labels, made: things.made, changed: things.changed };
  }

  /** Rows that are deleted cannot be looked at: there are fewer of them. */
  async #countResources(session: Session): Promise<number> {
    return (await session.get<{ n: number }>("SELECT count(*) AS n FROM resources"))?.n ?? 0;
  }

  #name(operationId: string): string {
    const operation = this.#operations.get(operationId);
    return operation ? nameOf(operation) : "a purged operation";
  }

  async #world(session: Session) {
    const touched: ThingSeen[] = [];
    const made: string[] = [];
    const changed: Written["changed"] = [];
    for (const thing of await this.#touched<ThingSeen>(session, THINGS)) {
      const { ref, operation_id: operation, spec } = thing;
      const before = this.#things.get(ref);
      this.#things.set(ref, thing);
      touched.push(thing);
      if (thing.phase === "making" && (before?.phase !== "making" || thing.made > before.made)) made.push(ref);
      if (
        thing.phase === "changing" &&
        !(before?.phase === "changing" && before.until === thing.until && before.spec === spec)
      )
        changed.push({ ref, operation, spec });
    }
    return { touched, made, changed };
  }

  async #touched<Row extends object>(session: Session, sql: string): Promise<Row[]> {
    if (this.#precise) return session.all<Row>(`${sql} WHERE xmin = pg_current_xact_id()::xid`);
    return (await session.all<Row>(sql)).filter((row) => this.#differs(sql, row));
  }

  #differs(sql: string, row: object): boolean {
    const [key] = Object.values(row) as unknown[];
    const name = `${sql}/${String(key)}`;
    const text = JSON.stringify(row);
    if (this.#known.get(name) === text) return false;
    this.#known.set(name, text);
    return true;
  }
}
