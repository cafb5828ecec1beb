import type { FaultRow, Session } from "../store/index.ts";
import type { FaultSpec } from "./spec.ts";
import { hitsNow } from "./when.ts";

/** A fault and what has been counted of it. */
export interface Fault<Spec extends FaultSpec = FaultSpec> {
  id: string;
  spec: Spec;
  /** Calls that it fitted, and that no earlier fault had hit. */
  calls: number;
  hits: number;
  firstHitAt: number | null;
  createdAt: number;
}

export const toFault = (row: FaultRow): Fault => ({
  id: row.id,
  spec: JSON.parse(row.spec) as FaultSpec,
  calls: row.calls,
  hits: row.hits,
  firstHitAt: row.first_hit_at,
  createdAt: row.created_at,
});

/** In order of creation, which is the order in which they are asked. */
export async function listFaults(session: Session): Promise<Fault[]> {
  return (await session.all<FaultRow>("SELECT * FROM faults ORDER BY seq")).map(toFault);
}

export async function insertFault(tx: Session, id: string, spec: FaultSpec, now: number): Promise<void> {
  await tx.run("INSERT INTO faults (id, spec, calls, hits, created_at) VALUES (?, ?, 0, 0, ?)", [
    id,
    JSON.stringify(spec),
    now,
  ]);
}

/** Answers what was removed, with its counts. */
export async function deleteFaults(tx: Session, id?: string): Promise<Fault[]> {
  const rows =
    id === undefined
      ? await tx.all<FaultRow>("DELETE FROM faults RETURNING *")
      : await tx.all<FaultRow>("DELETE FROM faults WHERE id = ? RETURNING *", [id]);
  return rows.toSorted((a, b) => a.seq - b.seq).map(toFault);
}

/** Counts one call, and its hit. Two processes count one after the other: the row is theirs until the write ends. */
export async function countCall(tx: Session, { id, spec }: Fault, now: number): Promise<boolean> {
  const row = await tx.get<FaultRow>("UPDATE faults SET calls = calls + 1 WHERE id = ? RETURNING *", [id]);
  if (!row || !hitsNow(spec, row, now)) return false;
  await tx.run("UPDATE faults SET hits = hits + 1, first_hit_at = COALESCE(first_hit_at, ?) WHERE id = ?", [now, id]);
  return true;
}
