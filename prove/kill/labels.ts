import { LIFECYCLE_POINTS, type Point, type Session, WORLD_POINTS } from "../../src/store/index.ts";
import { type OperationSeen, type Rows, rowsOf, type ThingSeen } from "./rows.ts";

/** Points that are told apart by what they move; of the others, each is one place. */
const NAMED: ReadonlySet<string> = new Set([...LIFECYCLE_POINTS, ...WORLD_POINTS]);

/** What one write is about to make durable. */
export interface Written {
  /** `step clouddc.instance.delete@uninstall`: the point, and each operation that the write moves. */
  labels: string[];
  made: string[];
  changed: { ref: string; operation: string; spec: string }[];
}

/** `clouddc.instance.delete@uninstall`; a `+` once the step has performed; where it stands, if it is over. */
function nameOf({ kind, verb, plan, step, performed, state }: OperationSeen): string {
  const { steps } = JSON.parse(plan) as { steps: string[] };
  return `${kind}.${verb}@${steps[step] ?? "end"}${performed ? "+" : ""}${state === "running" ? "" : ` ${state}`}`;
}

/** Tells from the rows that a write has touched what the write is. Looked at from inside its transaction. */
export class Labels {
  readonly #rows: Rows;
  readonly #operations = new Map<string, OperationSeen>();
  readonly #things = new Map<string, ThingSeen>();
  #count = 0;

  constructor(store: "sqlite" | "postgres") {
    this.#rows = rowsOf(store);
  }

  /** Takes note of everything as it stands, before the first write that is told apart. */
  async start(session: Session): Promise<void> {
    const { operations, things, count } = await this.#rows.all(session);
    for (const one of operations) this.#operations.set(one.id, one);
    for (const one of things) this.#things.set(one.ref, one);
    this.#count = count;
  }

  async of(point: Point, session: Session): Promise<Written> {
    const { operations, things, holdings, resources, count } = await this.#rows.touched(session);
    for (const one of operations) this.#operations.set(one.id, one);
    const about = new Set(operations.map(nameOf));
    for (const { operation_id } of things) about.add(this.#name(operation_id));
    if (about.size === 0) for (const one of holdings) about.add(this.#name(one.taken_by));
    if (about.size === 0) for (const { kind } of resources) about.add(kind);
    if (point === "purge" && count < this.#count) about.add("of records");
    this.#count = count;
    const labels = NAMED.has(point) ? [...about].map((one) => `${point} ${one}`) : [point];
    return { labels, ...this.#begun(things) };
  }

  #name(operationId: string): string {
    const operation = this.#operations.get(operationId);
    return operation ? nameOf(operation) : "a purged operation";
  }

  /** What the world begins to make, and to change. */
  #begun(things: readonly ThingSeen[]): Omit<Written, "labels"> {
    const made: string[] = [];
    const changed: Written["changed"] = [];
    for (const thing of things) {
      const { ref, phase, until, operation_id: operation, spec } = thing;
      const before = this.#things.get(ref);
      this.#things.set(ref, thing);
      const same = before?.phase === phase && before.until === until && before.spec === spec;
      if (phase === "making" && (before?.phase !== phase || thing.made > before.made)) made.push(ref);
      if (phase === "changing" && !same) changed.push({ ref, operation, spec });
    }
    return { made, changed };
  }
}
