import type { Domain } from "../drivers/port.ts";
import type { HoldingRow, Session } from "../store/index.ts";
import type { Taking } from "./kinds.ts";
import type { Operation } from "./operations.ts";
import type { Resource } from "./resources.ts";

/** A real thing that Ebb answers for: written down before it is made, released only with a probe's proof. */
export interface Holding {
  ref: string;
  domain: Domain;
  type: string;
  resourceId: string;
  takenBy: string;
  takenAt: number;
  releasedBy: string | null;
  releasedAt: number | null;
  proof: string | null;
  /** The step whose probe gave the proof. */
  releasedStep: string | null;
  /** Set when the step that should have released it was skipped. It stays open until a probe says gone. */
  skipped: Skip | null;
  /** The operation that was last asked to reclaim it. */
  reclaimBy: string | null;
}

export interface Skip {
  /** The delete that went on, or ended, without it. */
  by: string;
  step: string;
  reason: string;
  at: number;
}

export const toHolding = (row: HoldingRow): Holding => ({
  ref: row.ref,
  domain: row.domain as Domain,
  type: row.type,
  resourceId: row.resource_id,
  takenBy: row.taken_by,
  takenAt: row.taken_at,
  releasedBy: row.released_by,
  releasedAt: row.released_at,
  proof: row.proof,
  releasedStep: row.released_step,
  skipped: toSkip(row),
  reclaimBy: row.reclaim_by,
});

const toSkip = ({ skipped_by, skipped_step, skipped_at, skip_reason }: HoldingRow): Skip | null =>
  skipped_by === null || skipped_step === null || skipped_at === null
    ? null
    : { by: skipped_by, step: skipped_step, reason: skip_reason ?? "", at: skipped_at };

/** What the resource still holds. */
export async function listHeld(session: Session, resourceId: string): Promise<Holding[]> {
  const rows = await session.all<HoldingRow>(
    "SELECT * FROM holdings WHERE resource_id = ? AND released_at IS NULL ORDER BY ref",
    [resourceId],
  );
  return rows.map(toHolding);
}

/** Everything that the resource ever held, oldest first. */
export async function listEverHeld(session: Session, resourceId: string): Promise<Holding[]> {
  const rows = await session.all<HoldingRow>("SELECT * FROM holdings WHERE resource_id = ? ORDER BY seq", [resourceId]);
  return rows.map(toHolding);
}

/** Writes down what is about to be made. What is held already stays as it was written; a restart is a holding of its own. */
export async function take(
  tx: Session,
  resource: Resource,
  operation: Operation,
  takings: readonly Taking[],
  now: number,
): Promise<void> {
  for (const { ref, domain, type } of takings) {
    await tx.run(
      `INSERT INTO holdings (ref, resource_id, kind, tenant, incarnation, type, domain, taken_by, taken_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (ref) WHERE released_at IS NULL DO NOTHING`,
      [ref, resource.id, resource.kind, resource.tenant, resource.incarnation, type, domain, operation.id, now],
    );
  }
}

/** Which of a resource's holdings a proof is about. */
export type Proved = { types: readonly string[] } | { refs: readonly string[] };

/** Releases these holdings of the operation's resource, with the proof that a step's probe gave. */
export async function release(
  tx: Session,
  operation: Operation,
  step: string,
  which: Proved,
  proof: string,
  now: number,
): Promise<void> {
  const [column, values] = "types" in which ? ["type", which.types] : ["ref", which.refs];
  for (const value of values) {
    await tx.run(
      `UPDATE holdings SET released_by = ?, released_at = ?, released_step = ?, proof = ?
         WHERE resource_id = ? AND ${column} = ? AND released_at IS NULL`,
      [operation.id, now, step, proof, operation.resourceId, value],
    );
  }
}
