import type { Clock } from "../clock.ts";
import type { Session, Store } from "../store/index.ts";
import { NoSuch } from "./errors.ts";
import { findOperation } from "./operations.ts";
import { type Kinds, kindOf } from "./settle.ts";
import { conditionOf, type Finding, type WhyClock } from "./why-condition.ts";
import { type Said, say } from "./why-says.ts";
import { type LeftHolding, standingOf } from "./why-standing.ts";

export type { Condition, Owner } from "./why-condition.ts";
export type { LeftHolding } from "./why-standing.ts";
export type { Unblock } from "./why-unblock.ts";

/** Why a resource is where it is, in one answer. Times are virtual ms. */
export interface Why extends Said {
  resource: { id: string; kind: string; name: string; tenant: string; state: string };
  /** The newest operation, where one is to blame or to thank for the state. */
  operation: string | null;
  verb: string | null;
  step: string | null;
  /** How often the step was carried out so far. */
  tries: number;
  nextTryAt: number | null;
  /** Something starts by itself. */
  alarm: { at: number; verb: string } | null;
  /** Real things that were left behind. */
  leaks: LeftHolding[];
  /** The operation whose receipt says what was released. */
  receipt: string | null;
  /** The same of what it waits for; each resource is named once, however often it is waited for. */
  because: Why[];
}

export interface WhyHouse {
  store: Store;
  clock: Clock;
  kinds: Kinds;
}

/** How far a chain of waits is followed, and how many resources are looked at in all. */
const DEPTH = 8;
const LOOKS = 50;
/** What is read while it changes may not fit together: it is then read again. */
const READS = 3;

/** Says why a resource, or the resource of an operation, is where it is. @throws NoSuch */
export async function why({ store, clock, kinds }: WhyHouse, id: string): Promise<Why> {
  const resourceId = await store.read((session) => resourceOf(session, id));
  const walk: Walk = { kinds, clock: { now: clock.now(), frozen: clock.frozen }, seen: new Set() };
  const found = await store.read((session) => follow(session, walk, resourceId, DEPTH));
  if (!found) throw new NoSuch("resource or operation", id);
  return found;
}

async function resourceOf(session: Session, id: string): Promise<string> {
  const resource = await session.get("SELECT 1 AS one FROM resources WHERE id = ?", [id]);
  return resource ? id : ((await findOperation(session, id))?.resourceId ?? id);
}

interface Walk {
  kinds: Kinds;
  clock: WhyClock;
  /** Every resource that was looked at: a ring of waits ends where it began. */
  seen: Set<string>;
}

async function follow(session: Session, walk: Walk, id: string, depth: number): Promise<Why | undefined> {
  if (walk.seen.has(id) || walk.seen.size >= LOOKS) return undefined;
  walk.seen.add(id);
  const finding = await look(session, walk, id);
  if (!finding) return undefined;
  const because: Why[] = [];
  for (const cause of depth > 0 ? finding.standing.causes : []) {
    const one = await follow(session, walk, cause, depth - 1);
    if (one) because.push(one);
  }
  return { ...answer(finding, say(finding, because)), because };
}

async function look(session: Session, { kinds, clock }: Walk, id: string): Promise<Finding | undefined> {
  for (let reads = 1; ; reads++) {
    const standing = await standingOf(session, kinds, id);
    if (!standing) return undefined;
    const kind = kindOf(kinds, standing.resource.kind);
    const condition = conditionOf(kind, standing, clock);
    if (condition !== "stranded" || reads === READS) return { kind, standing, condition, clock };
  }
}

function answer({ standing, condition }: Finding, said: Said): Omit<Why, "because"> {
  const { resource, operation: op, alarm, leaks, receipt } = standing;
  const { id, kind, name, tenant, state } = resource;
  const running = op?.state === "running" ? op : null;
  const waits = running !== null && condition !== "working";
  const failed = condition === "failed" ? resource.error : null;
  const ended = condition === "gone" ? op : null;
  return {
    ...said,
    resource: { id, kind, name, tenant, state },
    operation: (running ?? ended ?? (failed ? op : null))?.id ?? null,
    verb: failed?.verb ?? (running ?? ended)?.verb ?? null,
    step: failed?.step ?? (running ? (running.plan.steps[running.step] ?? null) : null),
    nextTryAt: waits ? running.dueAt : null,
    alarm,
    leaks,
    receipt,
  };
}
