import { createHash } from "node:crypto";
import type { ReceiptRow, Session } from "../store/index.ts";
import { type Holding, listEverHeld } from "./holdings.ts";
import type { Operation } from "./operations.ts";
import type { Resource } from "./resources.ts";

/** What the first receipt of a chain follows. */
export const NO_HASH = "0".repeat(64);

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/**
 * What an ended delete leaves behind, or (`reclaimed`) what was released after its end. Times are ISO 8601, virtual.
 * `of` is the delete whose leftovers were reclaimed, where one is known.
 */
export interface ReceiptBody {
  version: 1;
  type: "deleted" | "reclaimed";
  operation_id: string;
  of: string | null;
  resource: { id: string; kind: string; tenant: string; name: string; incarnation: string };
  verb: string;
  accepted_at: string;
  finished_at: string;
  request_id: string;
  holdings: HeldOnce[];
  steps: StepTold[];
}

/** One real thing: from when to when it was held, and which step's probe saw it gone, or who left it why. */
export interface HeldOnce {
  ref: string;
  domain: string;
  type: string;
  taken_at: string;
  taken_by: string;
  released_at: string | null;
  released_by: string | null;
  released_step: string | null;
  proof: string | null;
  skipped: { by: string; step: string; reason: string; at: string } | null;
}

/** A step that the operation is done with. One that was skipped has a reason. */
export interface StepTold {
  step: string;
  answer: "done" | "gone" | "skipped";
  attempts: number;
  began_at: string;
  ended_at: string;
  reason?: string;
}

/** A receipt in its place in the chain. */
export interface Receipt {
  seq: number;
  previous: string;
  hash: string;
  body: ReceiptBody;
}

export const toReceipt = ({ seq, previous, hash, body }: ReceiptRow): Receipt => ({
  seq,
  previous,
  hash,
  body: JSON.parse(body) as ReceiptBody,
});

/** JSON with sorted keys and no spaces: one value has one text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(",")}}`;
}

/** SHA-256, hex, of the hash before and the body's canonical text. */
export const hashOf = (previous: string, body: string): string =>
  createHash("sha256").update(previous).update(body).digest("hex");

const holdingView = (one: Holding): HeldOnce => ({
  ref: one.ref,
  domain: one.domain,
  type: one.type,
  taken_at: iso(one.takenAt),
  taken_by: one.takenBy,
  released_at: isoOrNull(one.releasedAt),
  released_by: one.releasedBy,
  released_step: one.releasedStep,
  proof: one.proof,
  skipped: one.skipped && { ...one.skipped, at: iso(one.skipped.at) },
});

/** What events keep of a step that is done or was skipped. */
interface Told {
  step: string;
  answer: "done" | "gone";
  attempts: number;
  since: number;
  reason: string;
}

async function stepsOf(tx: Session, op: Operation): Promise<StepTold[]> {
  const rows = await tx.all<{ at: number; type: string; data: string }>(
    "SELECT at, type, data FROM events WHERE resource_id = ? AND operation_id = ? AND type IN ('step-done', 'skipped') ORDER BY seq",
    [op.resourceId, op.id],
  );
  return rows.map(({ at, type, data }) => {
    const { step, answer, attempts, since, reason } = JSON.parse(data) as Told;
    const told = { step, began_at: iso(since), ended_at: iso(at), attempts };
    return type === "skipped" ? { ...told, answer: "skipped", reason } : { ...told, answer };
  });
}

/** The newest delete that ended a resource; null where no receipt of it is kept. */
async function deleteOf(tx: Session, { id, incarnation }: Resource): Promise<string | null> {
  const rows = await tx.all<ReceiptRow>("SELECT * FROM receipts WHERE resource_id = ? ORDER BY seq DESC", [id]);
  const ended = rows.map(toReceipt).find(({ body }) => body.type === "deleted");
  return ended?.body.resource.incarnation === incarnation ? ended.body.operation_id : null;
}

/** Writes down what a delete is leaving behind. Reads only: `append` gives it its place. */
export async function receiptOf(tx: Session, op: Operation, resource: Resource, now: number): Promise<ReceiptBody> {
  const { id, kind, tenant, name, incarnation } = resource;
  const held = await listEverHeld(tx, id);
  return {
    version: 1,
    type: "deleted",
    operation_id: op.id,
    of: null,
    resource: { id, kind, tenant, name, incarnation },
    verb: op.verb,
    accepted_at: iso(op.acceptedAt),
    finished_at: iso(now),
    request_id: op.requestId,
    holdings: held.map(holdingView),
    steps: await stepsOf(tx, op),
  };
}

/** The same for an operation that reclaimed what was left; undefined when it released nothing. */
export async function reclaimReceiptOf(
  tx: Session,
  op: Operation,
  resource: Resource,
  now: number,
): Promise<ReceiptBody | undefined> {
  const asked = (await listEverHeld(tx, resource.id)).filter((one) => one.reclaimBy === op.id);
  if (!asked.some((one) => one.releasedBy === op.id)) return undefined;
  const body = await receiptOf(tx, op, resource, now);
  return { ...body, type: "reclaimed", of: await deleteOf(tx, resource), holdings: asked.map(holdingView) };
}

/**
 * Puts a receipt at the chain's end. Other receipts wait from here to the end of the surrounding write: call it last. A
 * chain that somebody has cut is gone on with past every number that was ever used, and stays broken for `verify`.
 */
export async function append(tx: Session, body: ReceiptBody, now: number): Promise<void> {
  const text = canonical(body);
  await tx.lock("receipts");
  const end = await tx.get<{ last_seq: number | null; last_hash: string | null; top: number | null }>(
    `SELECT c.last_seq, c.last_hash, (SELECT max(seq) FROM receipts) AS top
       FROM (SELECT 1 AS id) one LEFT JOIN receipt_chain c ON c.id = one.id`,
  );
  const seq = Math.max(end?.last_seq ?? 0, end?.top ?? 0) + 1;
  const previous = end?.last_hash ?? NO_HASH;
  const hash = hashOf(previous, text);
  const { id, kind, tenant } = body.resource;
  await tx.run(
    `INSERT INTO receipts (seq, operation_id, resource_id, kind, tenant, at, body, previous, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [seq, body.operation_id, id, kind, tenant, now, text, previous, hash],
  );
  await tx.run(
    `INSERT INTO receipt_chain (id, first_seq, first_previous, last_seq, last_hash) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET last_seq = excluded.last_seq, last_hash = excluded.last_hash`,
    [seq, previous, seq, hash],
  );
}

/** An operation's own receipt, and those that tell what was reclaimed of it later. */
export async function findReceipts(
  session: Session,
  operationId: string,
): Promise<{ receipt: Receipt; later: Receipt[] } | undefined> {
  const row = await session.get<ReceiptRow>("SELECT * FROM receipts WHERE operation_id = ?", [operationId]);
  if (!row) return undefined;
  const rows = await session.all<ReceiptRow>("SELECT * FROM receipts WHERE resource_id = ? AND seq > ? ORDER BY seq", [
    row.resource_id,
    row.seq,
  ]);
  return { receipt: toReceipt(row), later: rows.map(toReceipt).filter(({ body }) => body.of === operationId) };
}

export interface ReceiptFilter {
  resourceId?: string | undefined;
  tenant?: string | undefined;
  /** Only those after this place in the chain. */
  after: number;
  limit: number;
}

/** In the chain's order. */
export async function listReceipts(session: Session, filter: ReceiptFilter): Promise<Receipt[]> {
  const where = ["seq > ?"];
  const params: (string | number)[] = [filter.after];
  for (const [column, value] of [
    ["resource_id", filter.resourceId],
    ["tenant", filter.tenant],
  ] as const) {
    if (value === undefined) continue;
    where.push(`${column} = ?`);
    params.push(value);
  }
  const rows = await session.all<ReceiptRow>(
    `SELECT * FROM receipts WHERE ${where.join(" AND ")} ORDER BY seq LIMIT ?`,
    [...params, filter.limit],
  );
  return rows.map(toReceipt);
}
