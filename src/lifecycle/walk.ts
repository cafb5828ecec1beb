import type { Clock } from "../clock.ts";
import { type Drivers, Refusal } from "../drivers/port.ts";
import type { StepPlace } from "../faults/index.ts";
import type { Ids } from "../ids.ts";
import type { Session, Store } from "../store/index.ts";
import { answered, type Outcome } from "./calls.ts";
import { LeaseLost } from "./errors.ts";
import { record } from "./events.ts";
import { listHeld, release, take } from "./holdings.ts";
import type { Answer, Step, Work } from "./kinds.ts";
import { checkpoint, type Operation, type OperationError, type Progress } from "./operations.ts";
import { findResource, type Resource } from "./resources.ts";
import { complete, fail, type Kinds, kindOf } from "./settle.ts";
import { type StepFaults, struck } from "./step-faults.ts";
import { noteProgress } from "./wakes.ts";

const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MOST_MS = 60_000;
/** A probe's wish for a later look is kept inside these. */
const LOOK_SOONEST_MS = 10;
const LOOK_LATEST_MS = 10 * 60_000;

export interface WalkHouse {
  store: Store;
  clock: Clock;
  ids: Ids;
  kinds: Kinds;
  drivers: Drivers;
  owner: string;
  faults?: StepFaults;
}

/** Takes a claimed operation as far as it goes. It ends parked (due later), done or failed; LeaseLost when another has it. */
export async function walk(house: WalkHouse, claimed: Operation): Promise<Operation> {
  let op = claimed;
  while (op.state === "running" && op.dueAt <= house.clock.now()) {
    const next = await oneStep(house, op);
    if (!next.keepLease) return next.op;
    op = next.op;
  }
  return op;
}

interface Stepped {
  op: Operation;
  keepLease: boolean;
}

async function oneStep(house: WalkHouse, op: Operation): Promise<Stepped> {
  const resource = await house.store.read((session) => findResource(session, op.resourceId));
  const name = op.plan.steps[op.step];
  if (!resource || name === undefined) throw new Error(`operation ${op.id} has no resource or no step ${op.step}`);
  const step = kindOf(house.kinds, op.kind).steps[name];
  if (!step) return stop(house, op, unknownStep(op, name));
  if (!op.performed) await writeTakings(house, op, resource, step);
  const held = await house.store.read((session) => listHeld(session, op.resourceId));
  const work: Work = {
    resource,
    operation: op,
    held,
    drivers: house.drivers,
    now: house.clock.now(),
    read: (ask) => house.store.read(ask),
  };
  const answer = await attempt(house, name, step, work);
  return settle(house, op, name, step, answer);
}

async function attempt(house: WalkHouse, name: string, step: Step, work: Work): Promise<Outcome> {
  try {
    const fault = await house.faults?.onStep(placeOf(name, work));
    if (fault) return await struck(fault, () => answered(step.perform(work)));
    if (!work.operation.performed) await answered(step.perform(work));
    return await answered(step.probe(work));
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    if (error instanceof Refusal) {
      return { is: "refused", reason: error.message, owner: error.owner, hint: error.hint, forGood: error.forGood };
    }
    return { is: "error", transient: true, reason: error instanceof Error ? error.message : String(error) };
  }
}

const placeOf = (step: string, { operation: { kind, verb, resourceId, tenant, performed } }: Work): StepPlace => ({
  kind,
  verb,
  step,
  resource: resourceId,
  tenant,
  performs: !performed,
});

async function settle(house: WalkHouse, op: Operation, name: string, step: Step, outcome: Outcome): Promise<Stepped> {
  const now = house.clock.now();
  if (outcome.is === "done" || outcome.is === "gone") return finishStep(house, op, name, step, outcome);
  if (outcome.is === "refused" && outcome.forGood) return stop(house, op, { step: name, ...pick(outcome) }, outcome);
  if (step.deadlineMs !== undefined && now - op.stageAt >= step.deadlineMs)
    return stop(house, op, overdue(name, step.deadlineMs, outcome), outcome.is === "error" ? undefined : outcome);
  const attempts = op.attempt + 1;
  if (outcome.is === "not-yet") {
    const wait = Math.min(LOOK_LATEST_MS, Math.max(LOOK_SOONEST_MS, outcome.again));
    return park(house, op, name, {
      performed: step.repeats !== true && outcome.performs !== true,
      attempt: op.attempt,
      dueAt: now + wait,
      answer: outcome,
    });
  }
  const answer: Answer = outcome.is === "error" ? asRefusal(outcome.reason) : outcome;
  const { tookMs = 0 } = outcome.is === "error" ? outcome : {};
  return park(house, op, name, {
    performed: false,
    attempt: attempts,
    dueAt: now + tookMs + backoff(attempts, house.ids.fraction()),
    answer,
  });
}

/** Doubles up to a cap, with up to a quarter of jitter so that what failed together does not come back together. */
export function backoff(attempts: number, fraction: number): number {
  const base = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempts - 1, 16));
  return Math.round(base * (1 + fraction / 4));
}

const asRefusal = (reason: string): Answer => ({
  is: "refused",
  reason,
  owner: "the driver's machine",
  hint: "the call is tried again by itself; look at the driver if it goes on failing",
});

const pick = ({ reason, owner, hint, on }: Answer & { is: "refused" }) => ({
  reason,
  owner,
  hint,
  ...(on ? { on } : {}),
});

const unknownStep = (op: Operation, name: string): OperationError => ({
  step: name,
  reason: `this Ebb does not know the step ${name} of plan version ${op.plan.version}`,
  owner: "an operator",
  hint: "start an Ebb that knows the plan, or ask for the delete again to get a plan of this version",
});

/** Without the words of a driver's own error: those are for the log, and this is shown to the tenant. */
function whyNot(outcome: Outcome): string {
  if (outcome.is === "not-yet") return outcome.waitingFor;
  return outcome.is === "refused" ? outcome.reason : "the last try failed";
}

const overdue = (name: string, deadlineMs: number, outcome: Outcome): OperationError => ({
  step: name,
  reason: `not done after ${Math.round(deadlineMs / 1000)} s: ${whyNot(outcome)}`,
  owner: "an operator",
  hint: "find out what holds the step up, then ask again",
  ...("on" in outcome && outcome.on ? { on: outcome.on } : {}),
});

async function writeTakings(house: WalkHouse, op: Operation, resource: Resource, step: Step): Promise<void> {
  const takings = step.takes?.(resource) ?? [];
  if (takings.length === 0) return;
  await house.store.write("take", async (tx) => {
    await checkpoint(tx, op, house.owner, { ...op, keepLease: true });
    await take(tx, resource, op, takings, house.clock.now());
  });
}

async function finishStep(
  house: WalkHouse,
  op: Operation,
  name: string,
  step: Step,
  answer: Answer & { is: "done" | "gone" },
): Promise<Stepped> {
  if (step.releases && answer.is !== "gone")
    throw new Error(`step ${name} of ${op.kind} releases holdings without the proof that they are gone`);
  return house.store.write("step", async (tx) => {
    const now = house.clock.now();
    const last = op.step + 1 === op.plan.steps.length;
    const progress: Progress = {
      step: op.step + 1,
      performed: false,
      attempt: 0,
      dueAt: now,
      stageAt: now,
      answer,
      keepLease: !last,
    };
    // The resource first, as an accepting write does: two that lock in one order never wait for each other in a ring.
    const resource = await findResource(tx, op.resourceId, true);
    if (!resource) throw new Error(`operation ${op.id} has lost its resource`);
    const ended = last ? { state: "done" as const, finishedAt: now } : {};
    const next = await checkpoint(tx, op, house.owner, { ...progress, ...ended });
    if (answer.is === "gone") {
      const which = answer.refs ? { refs: answer.refs } : { types: step.releases ?? [] };
      await release(tx, op, name, which, answer.proof, now);
    }
    const known = answer.facts ? { ...resource, facts: { ...resource.facts, ...answer.facts } } : resource;
    await record(tx, {
      at: now,
      type: "step-done",
      tenant: op.tenant,
      resourceId: op.resourceId,
      operationId: op.id,
      requestId: op.requestId,
      data: {
        step: name,
        answer: answer.is,
        ...(answer.is === "gone" ? { proof: answer.proof } : {}),
        attempts: op.attempt + 1,
        since: op.stageAt,
      },
    });
    if (last) await complete(tx, house.kinds, next, known, now);
    else await goOn(tx, resource, known, now);
    return { op: next, keepLease: !last };
  });
}

/** Between two steps: what was learned is kept, and whoever waits for it looks again. */
async function goOn(tx: Session, before: Resource, known: Resource, now: number): Promise<void> {
  if (known !== before)
    await tx.run("UPDATE resources SET facts = ?, updated_at = ? WHERE id = ?", [
      JSON.stringify(known.facts),
      now,
      known.id,
    ]);
  await noteProgress(tx, known);
}

async function park(
  house: WalkHouse,
  op: Operation,
  name: string,
  to: Pick<Progress, "performed" | "attempt" | "dueAt" | "answer">,
): Promise<Stepped> {
  const next = await house.store.write("park", async (tx) => {
    const parked = await checkpoint(tx, op, house.owner, { ...op, ...to, keepLease: false });
    await releaseProved(tx, op, name, to.answer, house.clock.now());
    return parked;
  });
  return { op: next, keepLease: false };
}

/** What a step saw gone before all of its things were. */
async function releaseProved(tx: Session, op: Operation, name: string, answer: Answer | null, now: number) {
  const proved = answer && "proved" in answer ? answer.proved : undefined;
  if (proved) await release(tx, op, name, proved, proved.proof, now);
}

/** After an error of Ebb's own: the operation is tried again later, so that one bad row never keeps the runner busy. */
export async function setAside(house: WalkHouse, op: Operation, reason: string): Promise<void> {
  const answer: Answer = {
    is: "refused",
    reason,
    owner: "Ebb",
    hint: "this is a bug of Ebb: report it with this operation's events",
  };
  const dueAt = house.clock.now() + backoff(op.attempt + 1, house.ids.fraction());
  await house.store.write("set-aside", (tx) =>
    tx.run(
      `UPDATE operations SET owner = NULL, lease_until = NULL, performed = 0, attempt = attempt + 1, due_at = ?, answer = ?
       WHERE id = ? AND owner = ? AND fence = ? AND state = 'running'`,
      [dueAt, JSON.stringify(answer), op.id, house.owner, op.fence],
    ),
  );
}

async function stop(house: WalkHouse, op: Operation, error: OperationError, answer?: Answer): Promise<Stepped> {
  return house.store.write("fail", async (tx) => {
    const now = house.clock.now();
    const resource = await findResource(tx, op.resourceId, true);
    const next = await checkpoint(tx, op, house.owner, {
      ...op,
      state: "failed",
      error,
      finishedAt: now,
      keepLease: false,
    });
    await releaseProved(tx, op, error.step, answer ?? null, now);
    if (resource) await fail(tx, house.kinds, next, resource, error, now);
    return { op: next, keepLease: false };
  });
}
