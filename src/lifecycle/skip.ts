import type { Store } from "../store/index.ts";
import { Accepting, type AcceptingHouse } from "./accept.ts";
import { NoSuch, Refused } from "./errors.ts";
import { record } from "./events.ts";
import { type Holding, listHeld } from "./holdings.ts";
import { isDelete, type Kind } from "./kinds.ts";
import { findNewest, findOperation, type Operation } from "./operations.ts";
import { findResource, type Resource } from "./resources.ts";
import { complete, kindOf } from "./settle.ts";
import { triesOf } from "./trail.ts";
import { noteProgress } from "./wakes.ts";

export interface SkipHouse extends AcceptingHouse {
  store: Store;
}

/** Which step of a delete is to be left undone, and why. */
export interface SkipAsked {
  operationId: string;
  step: string;
  reason: string;
  requestId: string;
}

/**
 * Leaves the current step of a delete undone, for a reason. What the step should have released stays held, and on the
 * list of leaks, until a probe says that it is gone. Answers the operation that goes on: the same one, or a new delete
 * where this one had failed for good.
 * @throws NoSuch, Refused, and what the new delete's acceptance throws
 */
export function skip(house: SkipHouse, asked: SkipAsked): Promise<Operation> {
  return house.store.write("skip", async (tx) => {
    const found = await findOperation(tx, asked.operationId);
    if (!found) throw new NoSuch("operation", asked.operationId);
    const resource = await findResource(tx, found.resourceId, true);
    const newest = await findNewest(tx, found.resourceId);
    if (!resource || !newest) throw new NoSuch("resource", found.resourceId);
    // Read anew under the lock, where it is still the one that counts.
    const op = newest.id === found.id ? newest : found;
    mustBeSkippable(house.kinds.get(op.kind), op, newest, resource, asked);
    const caller = { tenant: resource.tenant, userId: "operator", requestId: asked.requestId };
    const accepting = new Accepting(tx, house, caller);
    const next = await (op.state === "failed" ? goOnAnew : goOn)(accepting, house, op, resource, asked);
    await accepting.seal();
    await tx.notify();
    return next;
  });
}

function mustBeSkippable(
  kind: Kind | undefined,
  op: Operation,
  newest: Operation,
  resource: Resource,
  asked: SkipAsked,
): void {
  const { id, verb, state, plan } = op;
  if (!kind) throw new Refused(`this Ebb does not know the kind ${op.kind}`, "start an Ebb that knows it");
  const why = `ask why: ebb why ${resource.id}`;
  if (!isDelete(kind, verb))
    throw new Refused(`operation ${id} is no delete but a ${verb}`, "only steps of a delete are skipped");
  if (!plan.steps.includes(asked.step))
    throw new NoSuch("step", `${asked.step} in operation ${id}: its plan is ${plan.steps.join(", ") || "empty"}`);
  if (newest.id !== id)
    throw new Refused(`operation ${id} is ${state}, and ${newest.id} has taken its place`, why, { newest: newest.id });
  if (state !== "running" && state !== "failed") throw new Refused(`operation ${id} is ${state}`, "nothing to skip");
  if (state === "failed" && resource.error?.verb !== verb)
    throw new Refused(`operation ${id} has failed, and ${resource.kind} ${resource.id} is ${resource.state}`, why);
  const current = plan.steps[op.step];
  if (current !== asked.step)
    throw new Refused(`operation ${id} is at step ${current}, not ${asked.step}`, `only ${current} can be skipped`, {
      current_step: current,
    });
}

type GoingOn = (
  accepting: Accepting,
  house: SkipHouse,
  op: Operation,
  resource: Resource,
  asked: SkipAsked,
) => Promise<Operation>;

const stepsAfter = (op: Operation): readonly string[] => op.plan.steps.slice(op.step + 1);

/** A running delete: whoever walks it loses the lease, so that nothing of what it is at counts any more. */
const goOn: GoingOn = async ({ tx, now }, house, op, resource, asked) => {
  await leave({ tx, now }, house, op, resource, asked);
  const last = stepsAfter(op).length === 0;
  const next: Operation = {
    ...op,
    step: op.step + 1,
    performed: false,
    attempt: 0,
    fence: op.fence + 1,
    dueAt: now,
    stageAt: now,
    answer: null,
    ...(last ? { state: "done" as const, finishedAt: now } : {}),
  };
  await tx.run(
    `UPDATE operations SET step = ?, performed = 0, attempt = 0, fence = ?, due_at = ?, stage_at = ?, answer = NULL, state = ?,
       finished_at = ?, owner = NULL, lease_until = NULL WHERE id = ?`,
    [next.step, next.fence, now, now, next.state, next.finishedAt, op.id],
  );
  if (last) await complete(tx, house.kinds, next, resource, now);
  else await noteProgress(tx, resource);
  return next;
};

/** A delete that has failed for good: another one is accepted, with what was left of the plan, behind the skipped step. */
const goOnAnew: GoingOn = async (accepting, house, op, resource, asked) => {
  const id = house.ids.uuid();
  await leave(accepting, house, op, resource, asked, id);
  const { operation } = await accepting.submit(op.verb, resource, {
    plan: { ...op.plan, steps: op.plan.steps.slice(op.step) },
    step: 1,
    id,
  });
  return operation;
};

/** Writes down what is left behind. `by` is the operation that goes on. */
async function leave(
  { tx, now }: Pick<Accepting, "tx" | "now">,
  house: SkipHouse,
  op: Operation,
  resource: Resource,
  { step, reason, requestId }: SkipAsked,
  by = op.id,
): Promise<void> {
  const left = leftBy(kindOf(house.kinds, op.kind), op, await listHeld(tx, resource.id));
  for (const { ref } of left) {
    await tx.run(
      `UPDATE holdings SET skipped_by = ?, skipped_step = ?, skipped_at = ?, skip_reason = ?
         WHERE resource_id = ? AND ref = ? AND released_at IS NULL`,
      [by, step, now, reason, resource.id, ref],
    );
  }
  await record(tx, {
    at: now,
    type: "skipped",
    tenant: op.tenant,
    resourceId: op.resourceId,
    operationId: by,
    requestId,
    data: {
      step,
      reason,
      attempts: triesOf(op),
      since: op.stageAt,
      refs: left.map((one) => one.ref),
      ...(by === op.id ? {} : { continues: op.id }),
    },
  });
}

/** What the step should have released, and what no step after it will. */
function leftBy(kind: Kind, op: Operation, held: readonly Holding[]): Holding[] {
  const own = kind.steps[op.plan.steps[op.step] ?? ""]?.releases ?? [];
  const later = stepsAfter(op).map((name) => kind.steps[name]);
  // A step that this program does not know may release anything.
  const known = later.every((step) => step !== undefined);
  const released = later.flatMap((step) => step?.releases ?? []);
  return held.filter(
    (one) => one.skipped === null && (own.includes(one.type) || (known && !released.includes(one.type))),
  );
}
