import type { OperationRow, ResourceRow, Session } from "../store/index.ts";
import type { Asked } from "./plan-scope.ts";
import { type Resource, type ResourceError, toResource } from "./resources.ts";

export const TEARDOWN = "ebb.teardown";
/** A teardown is nobody's of the cloud: its tenant is the house. */
export const HOUSE_TENANT = "ebb";

/** One delete of a teardown, kept by value. */
export interface TeardownItem {
  id: string;
  kind: string;
  tenant: string;
  name: string;
  createdBy: string;
  stage: number;
  /** Ids of the items that must be gone before. */
  after: readonly string[];
  takesAlong: readonly { id: string; kind: string }[];
}

export interface TeardownSpec {
  asked: Asked;
  items: readonly TeardownItem[];
  /** Deletes that had failed when the teardown was last asked for, by the failed one's fence: they are asked for anew. */
  anew: Readonly<Record<string, number>>;
}

export const teardownSpec = (teardown: Resource): TeardownSpec => teardown.spec as unknown as TeardownSpec;

/**
 * Where an item stands. `ready`: to be deleted now. `waiting`: something before it is still there. `failed`: its delete
 * has stopped for good. `frozen`: it waits for one that has failed.
 */
export type Standing = "gone" | "deleting" | "ready" | "waiting" | "failed" | "frozen";

export interface StandingItem extends TeardownItem {
  standing: Standing;
  /** Its own state; null once the store has forgotten it. */
  state: string | null;
  error: ResourceError | null;
  /** What its delete waits for, as the last look answered. */
  waitingFor: string | null;
  /** Things that it takes along, and whose deletes have failed while its own goes on. */
  stuck: readonly { thing: Resource; anew: boolean }[];
}

interface Known {
  live: ReadonlyMap<string, Resource>;
  states: ReadonlyMap<string, string>;
  running: ReadonlyMap<string, OperationRow>;
  fences: ReadonlyMap<string, number>;
}

/** Looks where every item of a teardown stands. */
export async function lookAt(session: Session, teardown: Resource): Promise<StandingItem[]> {
  const { items, anew } = teardownSpec(teardown);
  const known = await learn(session, items);
  const standings = new Map<string, Standing>();
  // In the order of the plan: whatever an item waits for has its standing before it.
  const inOrder = items.toSorted((a, b) => a.stage - b.stage);
  for (const item of inOrder) standings.set(item.id, standingOf(item, known, standings, anew));
  return inOrder.map((item) => ({
    ...item,
    standing: standings.get(item.id) ?? "waiting",
    state: known.states.get(item.id) ?? null,
    error: known.live.get(item.id)?.error ?? null,
    waitingFor: saidBy(known.running.get(item.id)),
    stuck: standings.get(item.id) === "deleting" ? item.takesAlong.flatMap(({ id }) => stuckAs(id, known, anew)) : [],
  }));
}

/** True when a delete of it has stopped for good, and is not asked for anew. */
function hasFailed(one: Resource, { running, fences }: Known, anew: TeardownSpec["anew"]): boolean {
  return one.error?.verb === "delete" && !running.has(one.id) && anew[one.id] !== fences.get(one.id);
}

function stuckAs(id: string, known: Known, anew: TeardownSpec["anew"]): StandingItem["stuck"] {
  const thing = known.live.get(id);
  return thing && hasFailed(thing, known, {}) ? [{ thing, anew: !hasFailed(thing, known, anew) }] : [];
}

function standingOf(
  item: TeardownItem,
  known: Known,
  standings: ReadonlyMap<string, Standing>,
  anew: TeardownSpec["anew"],
): Standing {
  const one = known.live.get(item.id);
  if (!one) return "gone";
  if (known.running.get(item.id)?.verb === "delete") return "deleting";
  if (hasFailed(one, known, anew)) return "failed";
  const before = item.after.map((id) => standings.get(id));
  if (before.includes("failed") || before.includes("frozen")) return "frozen";
  return before.every((standing) => standing === "gone") ? "ready" : "waiting";
}

function saidBy(running: OperationRow | undefined): string | null {
  const answer = running?.answer ? (JSON.parse(running.answer) as { waitingFor?: string; reason?: string }) : null;
  return answer?.reason ?? answer?.waitingFor ?? null;
}

async function learn(session: Session, items: readonly TeardownItem[]): Promise<Known> {
  const ids = items.flatMap((item) => [item.id, ...item.takesAlong.map((one) => one.id)]);
  const among = `IN (${ids.map(() => "?").join(", ")})`;
  const rows = ids.length === 0 ? [] : await session.all<ResourceRow>(`SELECT * FROM resources WHERE id ${among}`, ids);
  const live = new Map(rows.filter((row) => row.gone_at === null).map((row) => [row.id, toResource(row)]));
  const ops =
    live.size === 0
      ? []
      : await session.all<OperationRow>(
          `SELECT * FROM operations WHERE state = 'running' AND resource_id ${among}`,
          ids,
        );
  const fences = new Map<string, number>();
  for (const [id, one] of live) if (one.error?.verb === "delete") fences.set(id, await newestFence(session, id));
  return {
    live,
    states: new Map(rows.map((row) => [row.id, row.state])),
    running: new Map(ops.map((row) => [row.resource_id, row])),
    fences,
  };
}

/** Of the resource's operations; 0 when it has none. */
export async function newestFence(session: Session, resourceId: string): Promise<number> {
  const row = await session.get<{ fence: number | null }>(
    "SELECT max(fence) AS fence FROM operations WHERE resource_id = ?",
    [resourceId],
  );
  return row?.fence ?? 0;
}
