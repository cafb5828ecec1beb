import type { Clock } from "../clock.ts";
import type { Drivers } from "../drivers/port.ts";
import type { Log } from "../log.ts";
import type { ResourceRow, Session, Store } from "../store/index.ts";
import type { Accepting, Caller } from "./accept.ts";
import { purgeReceipts } from "./chain.ts";
import { record } from "./events.ts";
import { listLeaks } from "./leaks.ts";
import { findResource, toResource } from "./resources.ts";
import type { Kinds } from "./settle.ts";
import { dropNotes } from "./wakes.ts";

/** How long past its due time an operation may stay unclaimed before the scan calls it lost, in virtual ms. */
const OVERDUE_MS = 30_000;
const PURGED_AT_ONCE = 200;
const LEAKS_AT_ONCE = 1_000;

/** What one scan found. Anything but `purged` above zero is a bug that the scan has repaired or shows. */
export interface ScanReport {
  /** Resources in a state that only a running operation explains, with none: the verb was started again. */
  stranded: number;
  /** Operations that the runner had not picked up: it was woken. */
  overdue: number;
  /** Holdings whose resource is gone. Left as they are: they are leaks until a probe says otherwise. */
  leaked: number;
  /** Things of the world that nobody holds. */
  unheld: number;
  /** Gone resources past their time of being readable, taken out of the store. */
  purged: number;
}

export interface ScanHouse {
  store: Store;
  clock: Clock;
  kinds: Kinds;
  drivers: Drivers;
  log: Log;
  /** Virtual ms that a gone resource, with all that is known of it, stays readable. */
  retainMs: number;
  accept<T>(caller: Caller, change: (accepting: Accepting) => Promise<T>): Promise<T>;
  wake(): void;
}

/** Looks over the whole store for what the runner lost. */
export async function scan(house: ScanHouse): Promise<ScanReport> {
  const report = {
    stranded: await restart(house),
    overdue: await countOverdue(house),
    ...(await countLeaked(house)),
    purged: await purge(house),
  };
  if (report.overdue > 0) house.wake();
  const { purged: _, ...bugs } = report;
  if (Object.values(bugs).some((count) => count > 0))
    house.log.error(report, "the scan found what the runner had lost");
  return report;
}

async function restart({ store, kinds, accept, clock }: ScanHouse): Promise<number> {
  let found = 0;
  for (const kind of kinds.values()) {
    for (const [name, verb] of Object.entries(kind.verbs)) {
      const { during } = verb;
      if (during === undefined || verb.from.includes(during) || verb.then === during) continue;
      const rows = await store.read((session) =>
        session.all<ResourceRow>(
          `SELECT r.* FROM resources r WHERE r.kind = ? AND r.state = ? AND r.gone_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.resource_id = r.id AND o.state = 'running') LIMIT 1000`,
          [kind.name, during],
        ),
      );
      for (const row of rows) {
        const { tenant, createdBy: userId } = toResource(row);
        found += await accept({ tenant, userId, requestId: "scan" }, async (accepting) => {
          const resource = await findResource(accepting.tx, row.id, true);
          if (!resource || resource.state !== during || !(await accepting.restart(name, resource))) return 0;
          await record(accepting.tx, {
            at: clock.now(),
            type: "repaired",
            tenant,
            resourceId: row.id,
            operationId: null,
            requestId: "scan",
            data: { verb: name },
          });
          return 1;
        });
      }
    }
  }
  return found;
}

async function countOverdue({ store, clock }: ScanHouse): Promise<number> {
  const row = await store.read((session) =>
    session.get<{ n: number }>(
      `SELECT count(*) AS n FROM operations WHERE state = 'running' AND due_at < ?
         AND (lease_until IS NULL OR lease_until < ${session.dbNow})`,
      [clock.now() - OVERDUE_MS],
    ),
  );
  return row?.n ?? 0;
}

/** What was skipped or abandoned is on the list of leaks too, and is no bug. */
async function countLeaked(house: ScanHouse): Promise<{ leaked: number; unheld: number }> {
  const count = { leaked: 0, unheld: 0 };
  let after: number | undefined;
  do {
    const page = await listLeaks(house, { after, limit: LEAKS_AT_ONCE });
    for (const { why } of page.leaks) {
      if (why === "orphaned") count.leaked++;
      else if (why === "unheld") count.unheld++;
    }
    if (page.unseen.length > 0) house.log.warn({ unseen: page.unseen }, "the scan could not look at all of the world");
    after = page.next ?? undefined;
  } while (after !== undefined);
  return count;
}

/**
 * Gone resources leave the store, with all that is known of them, when their time is over: so many at a time. Their
 * receipts go with them, as far as the chain has no earlier one that stays.
 */
async function purge({ store, clock, retainMs }: ScanHouse): Promise<number> {
  for (let purged = 0; ; ) {
    const before = clock.now() - retainMs;
    const [resources, receipts, events] = await store.write("purge", async (tx) => [
      await purgeSome(tx, before),
      await purgeReceipts(tx, before),
      await purgeEvents(tx, before),
      await dropNotes(tx),
    ]);
    purged += resources;
    if (resources < PURGED_AT_ONCE && events < PURGED_AT_ONCE && !receipts.more) return purged;
  }
}

/**
 * What has happened to a live resource is told for as long, so that one that is used without end does not grow without
 * end. The newest event of each type stays, and so do those of the newest operation: where a resource stands, and what
 * its steps have answered, is read from them. Answers how many went.
 */
function purgeEvents(tx: Session, before: number): Promise<number> {
  return tx.run(
    `DELETE FROM events WHERE seq IN (
       SELECT e.seq FROM events e
         WHERE e.seq < COALESCE((SELECT min(seq) FROM events WHERE at >= ?), (SELECT max(seq) + 1 FROM events))
         AND EXISTS (SELECT 1 FROM resources r WHERE r.id = e.resource_id AND r.gone_at IS NULL)
         AND EXISTS (SELECT 1 FROM events n WHERE n.resource_id = e.resource_id AND n.seq > e.seq AND n.type = e.type)
         AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.id = e.operation_id AND o.resource_id = e.resource_id
           AND NOT EXISTS (SELECT 1 FROM operations n WHERE n.resource_id = o.resource_id AND n.fence > o.fence))
         ORDER BY e.seq LIMIT ${PURGED_AT_ONCE})`,
    [before],
  );
}

async function purgeSome(tx: Session, before: number): Promise<number> {
  // A claim drops them, too; in a store where nothing runs any more there is none.
  await dropNotes(tx);
  const rows = await tx.all<{ id: string }>(
    `SELECT id FROM resources WHERE gone_at IS NOT NULL AND gone_at < ? AND NOT EXISTS (
       SELECT 1 FROM holdings h WHERE h.resource_id = resources.id AND h.released_at IS NULL) ORDER BY gone_at LIMIT ${PURGED_AT_ONCE}`,
    [before],
  );
  for (const { id } of rows) {
    for (const table of ["operations", "holdings", "events", "links"])
      await tx.run(`DELETE FROM ${table} WHERE resource_id = ?`, [id]);
    await tx.run("DELETE FROM resources WHERE id = ?", [id]);
  }
  return rows.length;
}
