import type { Session } from "../store/index.ts";
import { record } from "./events.ts";
import { listHeld } from "./holdings.ts";
import { allows, type Effects, isDelete, type Kind, type Verb } from "./kinds.ts";
import type { Operation, OperationError } from "./operations.ts";
import { append, type ReceiptBody, receiptOf, reclaimReceiptOf } from "./receipts.ts";
import { findResource, type Resource } from "./resources.ts";
import { noteProgress } from "./wakes.ts";

/** The kinds of the house, by name. */
export type Kinds = ReadonlyMap<string, Kind>;

export function kindOf(kinds: Kinds, name: string): Kind {
  const kind = kinds.get(name);
  if (!kind) throw new Error(`no kind is named ${name}`);
  return kind;
}

export interface Cause {
  now: number;
  requestId: string;
  operationId: string | null;
}

/** The only place that changes a resource's state. A change outside the kind's closed table is a bug, and is refused. */
export async function move(
  tx: Session,
  kinds: Kinds,
  resource: Resource,
  state: string,
  cause: Cause,
  changes: Partial<Resource> = {},
): Promise<Resource> {
  const kind = kindOf(kinds, resource.kind);
  if (state !== resource.state && !allows(kind, resource.state, state)) {
    throw new Error(`${kind.name} ${resource.id} cannot go from ${resource.state} to ${state}`);
  }
  const gone = state === kind.gone;
  if (gone) await proveEmpty(tx, resource);
  const next: Resource = { ...resource, ...changes, state, updatedAt: cause.now, goneAt: gone ? cause.now : null };
  await tx.run(
    `UPDATE resources SET state = ?, spec = ?, facts = ?, error = ?, updated_at = ?, gone_at = ?${gone ? ", unique_name = NULL" : ""}
       ${state === resource.state ? "" : ", alarm_at = NULL, alarm_verb = NULL"} WHERE id = ?`,
    [
      state,
      JSON.stringify(next.spec),
      JSON.stringify(next.facts),
      next.error && JSON.stringify(next.error),
      next.updatedAt,
      next.goneAt,
      next.id,
    ],
  );
  if (gone) await tx.run("DELETE FROM links WHERE resource_id = ?", [next.id]);
  if (state === resource.state) return next;
  await record(tx, {
    ...cause,
    at: cause.now,
    type: "state",
    tenant: next.tenant,
    resourceId: next.id,
    data: { from: resource.state, to: state },
  });
  return next;
}

/** Only what a person has skipped by name may outlive its resource. */
async function proveEmpty(tx: Session, resource: Resource): Promise<void> {
  const held = (await listHeld(tx, resource.id)).filter((one) => one.skipped === null);
  if (held.length > 0)
    throw new Error(`${resource.kind} ${resource.id} still holds ${held.map((one) => one.ref).join(", ")}`);
}

export function effectsIn(tx: Session, kinds: Kinds, cause: Cause): Effects {
  return {
    tx,
    now: cause.now,
    async move(id, state) {
      const other = await findResource(tx, id, true);
      if (other && other.goneAt === null) await move(tx, kinds, other, state, cause);
    },
    async note(id, spec) {
      const other = await findResource(tx, id, true);
      if (!other || other.goneAt !== null) return;
      const { tenant } = await move(tx, kinds, other, other.state, cause, { spec: { ...other.spec, ...spec } });
      const data = { fields: Object.keys(spec) };
      await record(tx, { ...cause, at: cause.now, type: "changed", tenant, resourceId: id, data });
    },
    async alarm(resource, at, verb) {
      await tx.run("UPDATE resources SET alarm_at = ?, alarm_verb = ? WHERE id = ?", [at, verb, resource.id]);
    },
  };
}

const causeOf = (op: Operation, now: number): Cause => ({ now, requestId: op.requestId, operationId: op.id });

function verbOf(kinds: Kinds, op: Operation): Verb {
  const verb = kindOf(kinds, op.kind).verbs[op.verb];
  if (!verb) throw new Error(`${op.kind} has no verb ${op.verb}`);
  return verb;
}

/** Takes a receipt to its place in the chain. */
type Filing = (receipt: ReceiptBody) => Promise<void>;

/**
 * Ends an operation well: the one place where a verb's aim becomes the resource's state. A delete leaves its receipt in
 * the same write. The chain makes receipts wait for each other: a write that has more to do files its own at its end.
 */
export async function complete(
  tx: Session,
  kinds: Kinds,
  op: Operation,
  resource: Resource,
  now: number,
  file: Filing = (receipt) => append(tx, receipt, now),
): Promise<Resource> {
  const verb = verbOf(kinds, op);
  const cause = causeOf(op, now);
  const next = verb.aside
    ? resource
    : await move(tx, kinds, resource, verb.then ?? resource.state, cause, { error: null });
  await verb.after?.(effectsIn(tx, kinds, cause), next);
  await record(tx, {
    ...cause,
    at: now,
    type: "ended",
    tenant: op.tenant,
    resourceId: op.resourceId,
    data: { verb: op.verb },
  });
  await noteProgress(tx, resource);
  if (verb.aside) await fileReclaimed(tx, op, resource, now, file);
  else if (isDelete(kindOf(kinds, op.kind), op.verb)) await file(await receiptOf(tx, op, next, now));
  return next;
}

async function fileReclaimed(tx: Session, op: Operation, resource: Resource, now: number, file: Filing): Promise<void> {
  const receipt = await reclaimReceiptOf(tx, op, resource, now);
  if (receipt) await file(receipt);
}

/** Ends an operation for good without its aim: the resource goes to the verb's stable failed state and says why. */
export async function fail(
  tx: Session,
  kinds: Kinds,
  op: Operation,
  resource: Resource,
  error: OperationError,
  now: number,
): Promise<void> {
  const verb = verbOf(kinds, op);
  const cause = causeOf(op, now);
  if (!verb.aside)
    await move(tx, kinds, resource, verb.failed ?? resource.state, cause, {
      error: { ...error, verb: op.verb, at: now },
    });
  await record(tx, {
    ...cause,
    at: now,
    type: "failed",
    tenant: op.tenant,
    resourceId: op.resourceId,
    data: { verb: op.verb, ...error },
  });
  await noteProgress(tx, resource);
  if (verb.aside) await fileReclaimed(tx, op, resource, now, (receipt) => append(tx, receipt, now));
}
