import type { OperationRow, Session } from "../store/index.ts";
import { type Operation, toOperation } from "./operations.ts";
import { applyNotes, hasNotes } from "./wakes.ts";

/** How long a claim lasts without a heartbeat, in ms of the store's clock. */
export const LEASE_MS = 1_200;
export const HEARTBEAT_MS = LEASE_MS / 3;

/**
 * Claims due operations, each with a new fence. One whose resource is still held by an aborted operation's call into the
 * world has to wait for that call to end, and so has one that this process (`walking`) is not done with.
 */
export async function claim(
  tx: Session,
  owner: string,
  now: number,
  limit: number,
  walking: readonly string[] = [],
): Promise<Operation[]> {
  await applyNotes(tx, now);
  const others = walking.length === 0 ? "" : `AND o.id NOT IN (${walking.map(() => "?").join(", ")})`;
  const rows = await tx.all<OperationRow>(
    `UPDATE operations SET owner = ?, fence = fence + 1, lease_until = ${tx.dbNow} + ${LEASE_MS} WHERE id IN (
       SELECT o.id FROM operations o WHERE o.state = 'running' AND o.due_at <= ? AND (o.lease_until IS NULL OR o.lease_until < ${tx.dbNow})
         ${others} AND NOT EXISTS (SELECT 1 FROM operations held WHERE held.resource_id = o.resource_id AND held.state = 'aborted'
           AND held.lease_until >= ${tx.dbNow})
       ORDER BY o.due_at LIMIT ${limit}${tx.skipLocked})
     RETURNING *`,
    [owner, now, ...walking],
  );
  return rows.map(toOperation);
}

/** Extends the leases of what is being walked; an operation that is being written at this moment has its turn at the next beat. */
export async function heartbeat(tx: Session, owner: string, walking: readonly string[]): Promise<void> {
  if (walking.length === 0) return;
  await tx.run(
    `UPDATE operations SET lease_until = ${tx.dbNow} + ${LEASE_MS} WHERE id IN (
       SELECT id FROM operations WHERE owner = ? AND id IN (${walking.map(() => "?").join(", ")})${tx.skipLocked})`,
    [owner, ...walking],
  );
}

/** Lets go of one claim, whatever became of the operation. */
export function letGo(tx: Session, op: Operation, owner: string): Promise<number> {
  return tx.run("UPDATE operations SET owner = NULL, lease_until = NULL WHERE id = ? AND owner = ? AND fence = ?", [
    op.id,
    owner,
    op.fence,
  ]);
}

/** Drops the leases of processes that are known to be dead: where the store has one owner, that is every lease at its start. */
export function dropAll(tx: Session): Promise<number> {
  return tx.run("UPDATE operations SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL");
}

export interface Due {
  /** Operations may be claimed. */
  now: boolean;
  /** Alarms have fallen due. */
  ringing: boolean;
  /** When the next operation or alarm after now falls due, in virtual ms. */
  later: number | undefined;
}

export async function nextDue(session: Session, now: number): Promise<Due> {
  const row = await session.get<{ ready: number; later: number | null; alarm: number | null }>(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM operations WHERE state = 'running' AND due_at <= ?
         AND (lease_until IS NULL OR lease_until < ${session.dbNow}) LIMIT 1) AS one) AS ready,
       (SELECT min(due_at) FROM operations WHERE state = 'running' AND due_at > ?) AS later,
       (SELECT min(alarm_at) FROM resources WHERE alarm_at IS NOT NULL) AS alarm`,
    [now, now],
  );
  const alarm = row?.alarm ?? Number.POSITIVE_INFINITY;
  const later = Math.min(row?.later ?? Number.POSITIVE_INFINITY, alarm > now ? alarm : Number.POSITIVE_INFINITY);
  return {
    now: (row?.ready ?? 0) > 0 || (await hasNotes(session)),
    ringing: alarm <= now,
    later: Number.isFinite(later) ? later : undefined,
  };
}
