import type { ReceiptChainRow, ReceiptRow, Session, Store } from "../store/index.ts";
import { hashOf, NO_HASH, type ReceiptBody } from "./receipts.ts";

const AT_ONCE = 500;
const PURGED_AT_ONCE = 200;

/** Where a walk over the chain stands: the next receipt's place, and the hash it must follow. */
interface Place {
  next: number;
  previous: string;
}

/** `head_hash` covers everything before it: kept elsewhere, it tells whether the whole chain was written anew. */
export type Verdict =
  | { whole: true; count: number; first: number | null; last: number | null; head_hash: string }
  | { whole: false; seq: number; wrong: string };

/** The first thing that is wrong with a receipt in this place; undefined for a sound one. */
function wrongWith(row: ReceiptRow, { next, previous }: Place): string | undefined {
  if (row.seq > next) return `receipt ${next} is missing`;
  if (row.seq < next) return `receipt ${row.seq} stands before the chain's first, ${next}`;
  if (row.previous !== previous) return `receipt ${row.seq} does not follow the one before it`;
  if (row.hash !== hashOf(row.previous, row.body)) return `receipt ${row.seq} is not what its hash was made of`;
  const body = JSON.parse(row.body) as ReceiptBody;
  const { id, kind, tenant } = body.resource;
  const told = [body.operation_id, id, kind, tenant, Date.parse(body.finished_at)];
  const kept = [row.operation_id, row.resource_id, row.kind, row.tenant, row.at];
  if (told.some((value, index) => value !== kept[index]))
    return `receipt ${row.seq} is filed under what it does not say`;
  return undefined;
}

type Batch = { chain: ReceiptChainRow | undefined; rows: ReceiptRow[] };

/** The chain's own row and the receipts after `seq`, as one statement: both are of the same moment. */
async function readBatch(session: Session, seq: number): Promise<Batch> {
  const rows = await session.all<ReceiptRow & ReceiptChainRow & { chained: number | null; receipt: number | null }>(
    `SELECT r.*, r.seq AS receipt, c.id AS chained, c.first_seq, c.first_previous, c.last_seq, c.last_hash
       FROM (SELECT 1 AS id) one LEFT JOIN receipt_chain c ON c.id = one.id
       LEFT JOIN (SELECT * FROM receipts WHERE seq > ? ORDER BY seq LIMIT ${AT_ONCE}) r ON 1 = 1 ORDER BY r.seq`,
    [seq],
  );
  const [first] = rows;
  return { chain: first?.chained ? first : undefined, rows: rows.filter((row) => row.receipt !== null) };
}

const startOf = (chain: ReceiptChainRow | undefined): Place => ({
  next: chain?.first_seq ?? 1,
  previous: chain?.first_previous ?? NO_HASH,
});

/** What is wrong at the chain's end: it must end where its own row says. */
function wrongEnd({ next, previous }: Place, chain: ReceiptChainRow | undefined): string | undefined {
  const last = chain?.last_seq ?? 0;
  if (next <= last) return `the chain is cut: it went on to receipt ${last}`;
  if (next > last + 1) return `receipt ${last + 1} stands after the chain's last, ${last}`;
  if (previous !== (chain?.last_hash ?? NO_HASH)) return `receipt ${last} is not the one that the chain ended with`;
  return undefined;
}

/** Walks the whole chain, batch by batch, while it may grow at its end and be purged at its start. */
export async function verifyChain(store: Store): Promise<Verdict> {
  let place: Place | undefined;
  let count = 0;
  for (;;) {
    const { chain, rows } = await store.read((session) => readBatch(session, place ? place.next - 1 : 0));
    const start = startOf(chain);
    if (place && place.next < start.next) {
      // What this walk has seen was purged meanwhile.
      [place, count] = [undefined, 0];
      continue;
    }
    place ??= start;
    for (const row of rows) {
      const wrong = wrongWith(row, place);
      if (wrong) return { whole: false, seq: Math.min(row.seq, place.next), wrong };
      place = { next: row.seq + 1, previous: row.hash };
      count++;
    }
    if (rows.length === AT_ONCE) continue;
    const wrong = wrongEnd(place, chain);
    if (wrong) return { whole: false, seq: Math.min(place.next, (chain?.last_seq ?? 0) + 1), wrong };
    const ends = count === 0 ? { first: null, last: null } : { first: place.next - count, last: place.next - 1 };
    return { whole: true, count, ...ends, head_hash: place.previous };
  }
}

/**
 * Takes receipts from the chain's start whose time is over and whose resource has left the store: so many at a time, and
 * answers how many. One that must stay keeps all after it. What does not verify stays, so that purging hides no break.
 */
export async function purgeReceipts(tx: Session, before: number): Promise<{ purged: number; more: boolean }> {
  await tx.lock("receipts");
  const chain = await tx.get<ReceiptChainRow>("SELECT * FROM receipt_chain WHERE id = 1");
  const rows = await tx.all<ReceiptRow & { stays: number }>(
    `SELECT receipts.*, CASE WHEN at >= ? OR EXISTS (SELECT 1 FROM resources r
         WHERE r.id = receipts.resource_id AND r.gone_at IS NOT NULL) THEN 1 ELSE 0 END AS stays
       FROM receipts ORDER BY seq LIMIT ${PURGED_AT_ONCE}`,
    [before],
  );
  let place = startOf(chain);
  let purged = 0;
  for (const row of rows) {
    if (row.stays === 1 || wrongWith(row, place)) break;
    place = { next: row.seq + 1, previous: row.hash };
    purged++;
  }
  if (purged === 0) return { purged, more: false };
  await tx.run("DELETE FROM receipts WHERE seq < ?", [place.next]);
  await tx.run("UPDATE receipt_chain SET first_seq = ?, first_previous = ? WHERE id = 1", [place.next, place.previous]);
  return { purged, more: purged === PURGED_AT_ONCE };
}
