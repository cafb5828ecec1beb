import type { Domain, Drivers } from "../drivers/port.ts";
import type { HoldingRow, Store } from "../store/index.ts";
import { type Holding, toHolding } from "./holdings.ts";
import { isDelete } from "./kinds.ts";
import type { OperationError } from "./operations.ts";
import type { ResourceError } from "./resources.ts";
import type { Kinds } from "./settle.ts";
import { listUnheld, type Unheld } from "./unheld.ts";

/**
 * `orphaned`: held for a resource that is gone or unknown. `unheld`: in the world, and nobody holds it. `skipped`: its
 * step was left undone by name. `abandoned`: its delete has failed for good and was not asked for again.
 */
export type LeakKind = "orphaned" | "unheld" | "skipped" | "abandoned";

/** One real thing that nobody is taking away. Ids are null where nothing says whose it was. */
export interface Leak {
  why: LeakKind;
  domain: Domain;
  type: string;
  ref: string;
  /** When it became a leak, virtual ms; null where that is not known. */
  since: number | null;
  reason: string;
  resourceId: string | null;
  kind: string | null;
  tenant: string | null;
  incarnation: string | null;
  /** The delete that left it. */
  operationId: string | null;
  step: string | null;
  /** The state of the resource; null for an unknown one. */
  state: string | null;
  /** The resource is still there: what its delete is at may release this yet. */
  live: boolean;
  /** What was last asked to reclaim it. */
  reclaim: { operationId: string; state: string; reason: string | null } | null;
  /** Where the holding stands in the list; null for a thing without one. */
  seq: number | null;
  /** The verb that clears an abandoned one, asked again. */
  again: string | null;
}

export interface LeakHouse {
  store: Store;
  kinds: Kinds;
  drivers: Drivers;
}

export interface LeakFilter {
  tenant?: string | undefined;
  refs?: readonly string[] | undefined;
  /** Only holdings after this one. */
  after?: number | undefined;
  limit: number;
}

export interface LeakPage {
  leaks: Leak[];
  /** The last holding that this page looked at, when there are more; things without a holding are on the last page. */
  next: number | null;
  /** Domains whose driver could not say what there is. */
  unseen: { domain: string; reason: string }[];
}

const AT_ONCE = 500;

type LeakRow = HoldingRow & {
  r_state: string | null;
  r_gone_at: number | null;
  r_error: string | null;
  o_state: string | null;
  o_error: string | null;
  o_answer: string | null;
};

/** Holdings among which the leaks are, in the order in which they were taken. */
function candidates({ store }: LeakHouse, filter: LeakFilter, after: number): Promise<LeakRow[]> {
  const tenant = filter.tenant === undefined ? "" : "AND h.tenant = ?";
  const refs = filter.refs ? `AND h.ref IN (${filter.refs.map(() => "?").join(", ") || "NULL"})` : "";
  return store.read((session) =>
    session.all<LeakRow>(
      `SELECT h.*, r.state AS r_state, r.gone_at AS r_gone_at, r.error AS r_error,
         o.state AS o_state, o.error AS o_error, o.answer AS o_answer
       FROM holdings h LEFT JOIN resources r ON r.id = h.resource_id LEFT JOIN operations o ON o.id = h.reclaim_by
       WHERE h.released_at IS NULL AND h.seq > ? ${tenant} ${refs}
         AND (h.skipped_at IS NOT NULL OR r.id IS NULL OR r.gone_at IS NOT NULL OR r.error IS NOT NULL)
       ORDER BY h.seq LIMIT ${AT_ONCE}`,
      [after, ...(filter.tenant === undefined ? [] : [filter.tenant]), ...(filter.refs ?? [])],
    ),
  );
}

/** The same list for everybody: what is asked for, what the scan counts, and what is reclaimed. Changes nothing. */
export async function listLeaks(house: LeakHouse, filter: LeakFilter): Promise<LeakPage> {
  const leaks: Leak[] = [];
  let after = filter.after ?? 0;
  for (;;) {
    const rows = await candidates(house, filter, after);
    for (const row of rows) {
      if (leaks.length === filter.limit) return { leaks, next: after, unseen: [] };
      after = row.seq;
      const found = leakOf(house.kinds, row);
      if (found) leaks.push(found);
    }
    if (rows.length < AT_ONCE) break;
  }
  const { things, unseen } = await listUnheld(house, filter.refs);
  const theirs = things.filter(({ last }) => filter.tenant === undefined || last?.tenant === filter.tenant);
  return { leaks: [...leaks, ...theirs.map(leakOfUnheld)], next: null, unseen };
}

function leakOf(kinds: Kinds, row: LeakRow): Leak | undefined {
  const holding = toHolding(row);
  const { skipped } = holding;
  if (row.r_state === null || row.r_gone_at !== null)
    return skipped
      ? bySkip(holding, row, skipped)
      : leak(holding, row, {
          why: "orphaned",
          since: row.r_gone_at,
          reason: row.r_state === null ? "its resource is unknown" : `its resource is ${row.r_state}`,
        });
  const error = row.r_error === null ? null : (JSON.parse(row.r_error) as ResourceError);
  const kind = kinds.get(row.kind);
  if (error && kind && isDelete(kind, error.verb))
    return leak(holding, row, {
      why: "abandoned",
      since: error.at,
      reason: `${error.verb} has failed for good: ${error.reason}`,
      step: error.step,
      again: error.verb,
    });
  return skipped ? bySkip(holding, row, skipped) : undefined;
}

const bySkip = (holding: Holding, row: LeakRow, { by, step, reason, at }: NonNullable<Holding["skipped"]>): Leak =>
  leak(holding, row, { why: "skipped", since: at, reason, operationId: by, step });

function leak(
  { domain, type, ref, resourceId, reclaimBy }: Holding,
  row: LeakRow,
  what: Pick<Leak, "why" | "since" | "reason"> & Partial<Pick<Leak, "operationId" | "step" | "again">>,
): Leak {
  const { kind, tenant, incarnation, seq } = row;
  const reclaim =
    reclaimBy === null || row.o_state === null
      ? null
      : { operationId: reclaimBy, state: row.o_state, reason: whyNot(row) };
  const live = row.r_state !== null && row.r_gone_at === null;
  const whose = { resourceId, kind, tenant, incarnation, state: row.r_state, live };
  return { domain, type, ref, ...whose, seq, operationId: null, step: null, again: null, reclaim, ...what };
}

/** What keeps a reclaiming operation from its end. */
function whyNot({ o_error, o_answer }: LeakRow): string | null {
  const text = o_error ?? o_answer;
  if (text === null) return null;
  const { reason, waitingFor } = JSON.parse(text) as Partial<OperationError> & { waitingFor?: string };
  return reason ?? waitingFor ?? null;
}

const leakOfUnheld = ({ domain, type, ref, last }: Unheld): Leak => ({
  why: "unheld",
  domain,
  type,
  ref,
  since: last?.released_at ?? null,
  reason: last ? "it is there again after its holding was released" : "nothing says who made it",
  resourceId: last?.resource_id ?? null,
  kind: last?.kind ?? null,
  tenant: last?.tenant ?? null,
  incarnation: last?.incarnation ?? null,
  operationId: last?.released_by ?? null,
  step: null,
  state: null,
  live: false,
  reclaim: null,
  seq: null,
  again: null,
});
