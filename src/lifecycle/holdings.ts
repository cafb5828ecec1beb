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
});

/** What the resource still holds. */
export async function listHeld(session: Session, resourceId: string): Promise<Holding[]> {
  const rows = await session.all<HoldingRow>(
    "SELECT * FROM holdings WHERE resource_id = ? AND released_at IS NULL ORDER BY ref",
    [resourceId],
  );
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

/** Releases the resource's holdings of these types, with the proof that they are gone. */
export async function release(
  tx: Session,
  operation: Operation,
  types: readonly string[],
  proof: string,
  now: number,
): Promise<void> {
  for (const type of types) {
    await tx.run(
      "UPDATE holdings SET released_by = ?, released_at = ?, proof = ? WHERE resource_id = ? AND type = ? AND released_at IS NULL",
      [operation.id, now, proof, operation.resourceId, type],
    );
  }
}
