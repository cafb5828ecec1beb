import type { HoldingRow, OperationRow, ResourceRow, Session } from "../store/index.ts";
import { type Operation, toOperation } from "./operations.ts";
import { type Resource, toResource } from "./resources.ts";
import { type Kinds, kindOf } from "./settle.ts";
import { lastAnswer } from "./trail.ts";

/** How many of the resources that one waits for are looked at. */
const CAUSES = 10;

/** A real thing that was left behind: its step was skipped, or its resource is gone. */
export interface LeftHolding {
  ref: string;
  type: string;
  domain: string;
  skippedStep: string | null;
  skippedAt: number | null;
  reason: string | null;
}

/** Everything that the store knows of one resource's present. */
export interface Standing {
  resource: Resource;
  /** When its state became what it is. */
  stateSince: number;
  alarm: { at: number; verb: string } | null;
  /** The newest one. */
  operation: Operation | null;
  /** A process is walking it at this moment. */
  leased: boolean;
  /** A call of the operation that it has replaced may still be under way. */
  heldBack: boolean;
  leaks: LeftHolding[];
  /** The operation whose receipt says what became of it. */
  receipt: string | null;
  /** Ids of live resources that it waits for, or in which the reason lies; what has failed comes first. */
  causes: string[];
}

/** One resource's standing; undefined for an unknown id. */
export async function standingOf(session: Session, kinds: Kinds, id: string): Promise<Standing | undefined> {
  // The operation before the resource: what ends in between is then seen as ended, never as running nowhere.
  const newest = await newestOf(session, id);
  const row = await session.get<ResourceRow>("SELECT * FROM resources WHERE id = ?", [id]);
  if (!row) return undefined;
  const resource = toResource(row);
  const operation = resource.goneAt === null ? newest && toOperation(newest) : await endedBy(session, kinds, resource);
  return {
    resource,
    stateSince: await stateSince(session, resource),
    alarm: row.alarm_at === null || row.alarm_verb === null ? null : { at: row.alarm_at, verb: row.alarm_verb },
    operation: operation ?? null,
    leased: newest?.leased === 1,
    heldBack: operation?.state === "running" && (await isHeldBack(session, id)),
    leaks: await leaksOf(session, resource),
    receipt: resource.goneAt === null ? null : await receiptOf(session, operation),
    causes: await causesOf(session, resource, operation),
  };
}

/** What took it away; what came after that is none of its life. */
async function endedBy(session: Session, kinds: Kinds, { id, kind: name }: Resource): Promise<Operation | undefined> {
  const kind = kindOf(kinds, name);
  const endings = Object.entries(kind.verbs).flatMap(([verb, { then }]) => (then === kind.gone ? verb : []));
  const row = await session.get<OperationRow>(
    `SELECT * FROM operations WHERE resource_id = ? AND verb IN (${endings.map(() => "?").join(", ")}) ORDER BY fence DESC LIMIT 1`,
    [id, ...endings],
  );
  return row && toOperation(row);
}

const newestOf = (session: Session, id: string) =>
  session.get<OperationRow & { leased: number }>(
    `SELECT o.*, CASE WHEN o.lease_until >= ${session.dbNow} THEN 1 ELSE 0 END AS leased FROM operations o
       WHERE o.resource_id = ? ORDER BY o.fence DESC LIMIT 1`,
    [id],
  );

async function stateSince(session: Session, { id, createdAt }: Resource): Promise<number> {
  const row = await session.get<{ at: number }>(
    "SELECT at FROM events WHERE resource_id = ? AND type = 'state' ORDER BY seq DESC LIMIT 1",
    [id],
  );
  return row?.at ?? createdAt;
}

async function isHeldBack(session: Session, id: string): Promise<boolean> {
  const row = await session.get(
    `SELECT 1 AS one FROM operations WHERE resource_id = ? AND state = 'aborted' AND lease_until >= ${session.dbNow} LIMIT 1`,
    [id],
  );
  return row !== undefined;
}

async function leaksOf(session: Session, { id, goneAt }: Resource): Promise<LeftHolding[]> {
  const rows = await session.all<HoldingRow>(
    `SELECT * FROM holdings WHERE resource_id = ? AND released_at IS NULL${goneAt === null ? " AND skipped_at IS NOT NULL" : ""} ORDER BY seq LIMIT 100`,
    [id],
  );
  return rows.map((row) => ({
    ref: row.ref,
    type: row.type,
    domain: row.domain,
    skippedStep: row.skipped_step,
    skippedAt: row.skipped_at,
    reason: row.skip_reason,
  }));
}

async function receiptOf(session: Session, operation: Operation | undefined): Promise<string | null> {
  const row =
    operation && (await session.get("SELECT 1 AS one FROM receipts WHERE operation_id = ? LIMIT 1", [operation.id]));
  return row ? operation.id : null;
}

/** What its steps say that they wait for, and what it watches. */
async function causesOf(session: Session, resource: Resource, op: Operation | undefined): Promise<string[]> {
  if (resource.goneAt !== null) return [];
  const running = op?.state === "running";
  const said = (running ? lastAnswer(op)?.on : resource.error?.on) ?? [];
  const among = said.length === 0 ? "" : `r.id IN (${said.map(() => "?").join(", ")}) OR `;
  const rows = await session.all<{ id: string }>(
    `SELECT r.id FROM resources r WHERE (${among}r.id IN (SELECT target_id FROM watches WHERE resource_id = ?)) AND r.gone_at IS NULL
       ORDER BY CASE WHEN r.error IS NULL THEN 1 ELSE 0 END, r.seq LIMIT ${CAUSES}`,
    [...said, running ? resource.id : ""],
  );
  return rows.map((row) => row.id);
}
