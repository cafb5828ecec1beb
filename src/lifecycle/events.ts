import type { EventRow, Param, Session, Store } from "../store/index.ts";

export const EVENT_TYPES = [
  "created",
  "accepted",
  "aborted",
  "state",
  "step-done",
  "skipped",
  "failed",
  "ended",
  "repaired",
  "changed",
] as const;

/** What happened, to which thing, on whose request. Append-only. */
export interface Happening {
  /** Virtual ms. */
  at: number;
  type: (typeof EVENT_TYPES)[number];
  tenant: string;
  resourceId: string;
  operationId: string | null;
  requestId: string;
  data: Record<string, unknown>;
}

/** A happening in its place. */
export interface Event extends Happening {
  /** Grows; a number that is missing was never given to an event, or its event was purged. */
  seq: number;
}

export async function record(tx: Session, one: Happening): Promise<void> {
  await tx.run(
    "INSERT INTO events (at, type, tenant, resource_id, operation_id, request_id, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [one.at, one.type, one.tenant, one.resourceId, one.operationId, one.requestId, JSON.stringify(one.data)],
  );
}

/** Which events to list; absent fields do not filter. */
export interface EventFilter {
  resourceId?: string;
  operationId?: string;
  tenant?: string;
  type?: string;
}

const toEvent = (row: EventRow): Event => ({
  seq: row.seq,
  at: row.at,
  type: row.type as Event["type"],
  tenant: row.tenant,
  resourceId: row.resource_id,
  operationId: row.operation_id,
  requestId: row.request_id,
  data: JSON.parse(row.data) as Record<string, unknown>,
});

/** Events after the place `after` up to the place `upTo`, oldest first: the first `limit` of them, or with `tail` the last. */
export async function listEvents(
  session: Session,
  filter: EventFilter,
  range: { after: number; upTo: number; limit: number; tail?: boolean },
): Promise<Event[]> {
  const where = ["seq > ?", "seq <= ?"];
  const params: Param[] = [range.after, range.upTo];
  const equals = { resource_id: filter.resourceId, operation_id: filter.operationId, tenant: filter.tenant };
  for (const [column, value] of Object.entries({ ...equals, type: filter.type })) {
    if (value === undefined) continue;
    where.push(`${column} = ?`);
    params.push(value);
  }
  const rows = await session.all<EventRow>(
    `SELECT * FROM events WHERE ${where.join(" AND ")} ORDER BY seq ${range.tail ? "DESC" : "ASC"} LIMIT ?`,
    [...params, range.limit],
  );
  return (range.tail ? rows.toReversed() : rows).map(toEvent);
}

/** How often, and how far apart in ms of the machine's clock, the end of overlapping writes is waited for. */
const REACH_LOOKS = 100;
const REACH_PAUSE_MS = 10;

/**
 * Tells up to which place the events are complete. Where writes overlap, an event may show before one with a lower number,
 * whose write has not ended: what is read only up to the horizon, and goes on from there, never misses any.
 */
export class Horizon {
  readonly #store: Store;
  #complete = 0;
  /** The last event that showed, and the writes that may still add one before it. */
  #ahead: { seq: number; writers: ReadonlySet<string> } | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** There is more to see once the writes that overlap now have ended. */
  get isBehind(): boolean {
    return this.#ahead !== undefined;
  }

  /** After the events were replaced by others. */
  startAnew(): void {
    this.#complete = 0;
    this.#ahead = undefined;
  }

  /** One look: how far the events are complete. It never goes back. */
  async look(): Promise<number> {
    const before = this.#ahead;
    const { seq, writers } = await this.#store.read(async (session) => {
      const row = await session.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events");
      // After the number: whoever may still write a lower one has begun before.
      return { seq: row?.seq ?? 0, writers: new Set(await session.writers("events")) };
    });
    if (before && writers.isDisjointFrom(before.writers)) this.#complete = Math.max(this.#complete, before.seq);
    if (writers.size === 0) {
      this.#complete = Math.max(this.#complete, seq);
      this.#ahead = undefined;
    } else if (!before || writers.isDisjointFrom(before.writers)) {
      this.#ahead = seq > this.#complete ? { seq, writers } : undefined;
    }
    return this.#complete;
  }

  /** Looks until all that shows at this moment is complete, for about a second: a write that hangs is not waited for. */
  async reach(): Promise<number> {
    const goal = await this.#store.read((session) =>
      session.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events"),
    );
    for (let looks = 1; ; looks++) {
      const complete = await this.look();
      if (complete >= (goal?.seq ?? 0) || looks >= REACH_LOOKS) return complete;
      await new Promise((resolve) => setTimeout(resolve, REACH_PAUSE_MS));
    }
  }
}
