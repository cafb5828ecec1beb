import type { Session } from "../store/index.ts";
import type { Resource } from "./resources.ts";

const CLAIMABLE = (session: Session) => `state = 'running' AND (lease_until IS NULL OR lease_until < ${session.dbNow})`;

/**
 * Notes for what runs on the resource's parent and children, and for who watches it or its parent, that something has
 * happened they may be waiting for. A note is a row of its own and not a change of their operations, so that relatives
 * that end together never wait for each other.
 */
export async function noteProgress(tx: Session, { id, parentId }: Resource): Promise<void> {
  const noted = await tx.run(
    `INSERT INTO wakes (resource_id) SELECT id FROM resources WHERE parent_id = ? AND gone_at IS NULL
     UNION ALL SELECT id FROM resources WHERE id = ? AND gone_at IS NULL
     UNION ALL SELECT resource_id FROM watches WHERE target_id IN (?, ?)`,
    [id, parentId, id, parentId],
  );
  if (noted > 0) await tx.notify();
}

/** Wakes `watcher` at the progress of each of these, and of what is right inside of them, until it is unwatched. */
export async function watch(tx: Session, watcher: string, targets: readonly string[]): Promise<void> {
  for (const target of targets) {
    await tx.run("INSERT INTO watches (resource_id, target_id) VALUES (?, ?) ON CONFLICT DO NOTHING", [
      watcher,
      target,
    ]);
  }
}

export async function unwatch(tx: Session, watcher: string): Promise<void> {
  await tx.run("DELETE FROM watches WHERE resource_id = ?", [watcher]);
}

/** The same for what runs on these resources themselves. */
export async function noteLook(tx: Session, resourceIds: readonly string[]): Promise<void> {
  for (const id of resourceIds) await tx.run("INSERT INTO wakes (resource_id) VALUES (?)", [id]);
  if (resourceIds.length > 0) await tx.notify();
}

/** Makes due what has notes and is not being walked: a note that comes during a walk is kept until its end. */
export async function applyNotes(tx: Session, now: number): Promise<void> {
  const woken = await tx.all<{ resource_id: string }>(
    `UPDATE operations SET due_at = CASE WHEN due_at > ? THEN CAST(? AS BIGINT) ELSE due_at END WHERE id IN (
       SELECT o.id FROM wakes w CROSS JOIN operations o
         WHERE o.resource_id = w.resource_id AND ${CLAIMABLE(tx)}${tx.skipLocked})
     RETURNING resource_id`,
    [now, now],
  );
  for (const { resource_id } of woken) await tx.run("DELETE FROM wakes WHERE resource_id = ?", [resource_id]);
  await dropNotes(tx);
}

/** Whether `applyNotes` would find something. */
export async function hasNotes(session: Session): Promise<boolean> {
  const row = await session.get(
    `SELECT 1 AS one FROM wakes w CROSS JOIN operations o WHERE o.resource_id = w.resource_id AND ${CLAIMABLE(session)} LIMIT 1`,
  );
  return row !== undefined;
}

/** Drops the notes that nobody waits for. */
export function dropNotes(tx: Session): Promise<number> {
  return tx.run(
    `DELETE FROM wakes WHERE seq IN (SELECT w.seq FROM wakes w WHERE NOT EXISTS (
       SELECT 1 FROM operations o WHERE o.resource_id = w.resource_id AND o.state = 'running')${tx.skipLocked})`,
  );
}
