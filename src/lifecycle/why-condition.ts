import type { Kind } from "./kinds.ts";
import { lastAnswer } from "./trail.ts";
import type { Standing } from "./why-standing.ts";

/**
 * How it stands. `working`: Ebb is at it this moment. `due`: it is about to be. `held-back`: a call of the operation that
 * was replaced has yet to come back. `stranded`: its state says that something runs, and nothing does.
 */
export type Condition =
  | "well"
  | "gone"
  | "working"
  | "due"
  | "waiting"
  | "refused"
  | "failed"
  | "held-back"
  | "stranded";

/** Whose move is next. */
export type Owner = "Ebb" | "the driver's machine" | "the caller" | "an operator";

export interface WhyClock {
  /** Virtual ms. */
  now: number;
  /** Time stands still until somebody moves it. */
  frozen: boolean;
}

/** One look at one resource. */
export interface Finding {
  kind: Kind;
  standing: Standing;
  condition: Condition;
  clock: WhyClock;
}

/** A driver, a step and a plan may name whoever they like: these are the four who can move. */
export function ownerFrom(text: string): Owner {
  if (/^ebb\b/i.test(text)) return "Ebb";
  if (/driver|machine|world/i.test(text)) return "the driver's machine";
  if (/caller|client|user|tenant/i.test(text)) return "the caller";
  return "an operator";
}

export function conditionOf(kind: Kind, standing: Standing, { now }: WhyClock): Condition {
  const { resource, operation: op, leased, heldBack, alarm } = standing;
  if (resource.goneAt !== null) return "gone";
  if (op?.state === "running") {
    if (heldBack) return "held-back";
    if (leased) return "working";
    if (op.dueAt <= now) return "due";
    return lastAnswer(op)?.is === "refused" ? "refused" : "waiting";
  }
  if (resource.error) return "failed";
  if (alarm && alarm.at <= now) return "due";
  return isBetween(kind, resource.state) ? "stranded" : "well";
}

/** Only a running operation explains the state. */
const isBetween = (kind: Kind, state: string): boolean =>
  Object.values(kind.verbs).some((verb) => verb.during === state && verb.then !== state && !verb.from.includes(state));
