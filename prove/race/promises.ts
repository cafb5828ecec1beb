import type { Kind } from "../../src/lifecycle/index.ts";
import { allows } from "../../src/lifecycle/kinds.ts";
import { isThere, type Picture, type SeenOperation } from "./picture.ts";

export type Kinds = ReadonlyMap<string, Kind>;

/** Says what a picture breaks, one line a promise. `before` is the picture before the same commit. */
export type Promised = (now: { picture: Picture; before: Picture; kinds: Kinds; at: number }) => string[];

const ends = (kinds: Kinds, { kind, verb }: SeenOperation): boolean =>
  kinds.get(kind)?.verbs[verb]?.then === kinds.get(kind)?.gone;

const oneRunning: Promised = ({ picture }) => {
  const running = picture.operations.filter((one) => one.state === "running").map((one) => one.resource_id);
  return running.filter((id, index) => running.indexOf(id) !== index).map((id) => `${id} has two running operations`);
};

const noOrphans: Promised = ({ picture }) => {
  const byId = new Map(picture.resources.map((one) => [one.id, one]));
  return picture.resources
    .filter((one) => one.gone_at === null && one.parent_id !== null && byId.get(one.parent_id)?.gone_at !== null)
    .map((one) => `${one.kind} ${one.id} lives on under its gone parent`);
};

/** What is being deleted takes nothing on: the state before the commit that created the child says whether it was. */
const nothingNewInside: Promised = ({ picture, before, kinds }) => {
  const known = new Map(before.resources.map((one) => [one.id, one]));
  return picture.resources.flatMap((one) => {
    const parent = known.has(one.id) || one.parent_id === null ? undefined : known.get(one.parent_id);
    const kind = parent && kinds.get(parent.kind);
    const ending = Object.values(kind?.verbs ?? {}).some(
      (verb) => verb.then === kind?.gone && verb.during === parent?.state,
    );
    return ending || parent?.gone_at ? [`${one.id} was created inside ${parent?.id}, which was ${parent?.state}`] : [];
  });
};

const goneHoldsNothing: Promised = ({ picture }) => {
  const living = new Set(picture.resources.filter((one) => one.gone_at === null).map((one) => one.id));
  return picture.holdings
    .filter((one) => one.skipped_at === null && !living.has(one.resource_id))
    .map((one) => `${one.ref} is held by the gone ${one.resource_id}`);
};

const isAside = (kinds: Kinds, { kind, verb }: SeenOperation): boolean => kinds.get(kind)?.verbs[verb]?.aside === true;

/** What only takes away what was left behind runs on what is gone too. */
const goneRunsNothing: Promised = ({ picture, kinds }) => {
  const living = new Set(picture.resources.filter((one) => one.gone_at === null).map((one) => one.id));
  return picture.operations
    .filter((one) => one.state === "running" && !living.has(one.resource_id) && !isAside(kinds, one))
    .map((one) => `${one.verb} runs on the gone ${one.resource_id}`);
};

const heldBeforeMade: Promised = ({ picture, at }) => {
  const held = new Set(picture.holdings.map((one) => one.ref));
  return picture.things
    .filter((thing) => isThere(thing, at) && !held.has(thing.ref))
    .map((thing) => `${thing.ref} is in the world and not held`);
};

/** A thing is made once for each operation that makes it. */
const madeOnce: Promised = ({ picture, kinds }) => {
  const makers = (ref: string) =>
    picture.operations.filter((one) => {
      if (!ref.includes(one.resource_id)) return false;
      const steps = (JSON.parse(one.plan) as { steps: string[] }).steps;
      return steps.some((name) => kinds.get(one.kind)?.steps[name]?.takes !== undefined || name === "reinstall");
    }).length;
  return picture.things
    .filter((thing) => thing.made > Math.max(1, makers(thing.ref)))
    .map((thing) => `${thing.ref} was made ${thing.made} times for ${makers(thing.ref)} operations`);
};

const acceptedStays: Promised = ({ picture, before }) => {
  const now = new Map(picture.operations.map((one) => [one.id, one]));
  return before.operations.flatMap((was) => {
    const is = now.get(was.id);
    if (!is) return [`the accepted ${was.verb} of ${was.resource_id} has vanished`];
    const broken = [];
    if (is.fence < was.fence) broken.push(`the fence of ${was.verb} of ${was.resource_id} fell to ${is.fence}`);
    if (was.state !== "running" && is.state !== was.state)
      broken.push(`${was.verb} of ${was.resource_id} was ${was.state} and is ${is.state}`);
    if (was.state !== "running" && is.step !== was.step)
      broken.push(`${was.verb} of ${was.resource_id} went on after its end`);
    if (is.step < was.step) broken.push(`${was.verb} of ${was.resource_id} went back to step ${is.step}`);
    return broken;
  });
};

/** Each operation of a resource has a higher fence than the one before it: what an older one still does is turned away. */
const fencesGrow: Promised = ({ picture }) => {
  const highest = new Map<string, { fence: number; running: boolean }>();
  const broken: string[] = [];
  for (const { resource_id, fence, state } of picture.operations.toSorted((a, b) => a.fence - b.fence)) {
    const lower = highest.get(resource_id);
    if (lower?.fence === fence) broken.push(`two operations of ${resource_id} have fence ${fence}`);
    if (lower?.running) broken.push(`what runs on ${resource_id} has a lower fence than what came before it`);
    highest.set(resource_id, { fence, running: state === "running" });
  }
  return broken;
};

/** Every state of every resource follows from the one before by its kind's closed table, and an event says so. */
const statesFollow: Promised = ({ picture, before, kinds }) => {
  const state = new Map(before.resources.map((one) => [one.id, one.state]));
  const broken: string[] = [];
  for (const { type, resource_id, data } of picture.events) {
    const { from, to, state: born } = JSON.parse(data) as { from: string; to: string; state?: string };
    if (type === "created") state.set(resource_id, born ?? "");
    if (type !== "state") continue;
    const kind = kinds.get(picture.resources.find((one) => one.id === resource_id)?.kind ?? "");
    if (state.get(resource_id) !== from) broken.push(`${resource_id} was ${state.get(resource_id)} and left ${from}`);
    if (kind && !allows(kind, from, to)) broken.push(`${resource_id} went from ${from} to ${to}`);
    state.set(resource_id, to);
  }
  for (const one of picture.resources)
    if (state.get(one.id) !== one.state) broken.push(`${one.id} is ${one.state} and no event says so`);
  return broken;
};

/** A resource is deleted by one operation, unless that has failed. */
const oneDelete: Promised = ({ picture, kinds }) => {
  const deletes = picture.operations
    .filter((one) => ends(kinds, one) && (one.state === "running" || one.state === "done"))
    .map((one) => one.resource_id);
  return deletes.filter((id, index) => deletes.indexOf(id) !== index).map((id) => `${id} has a second delete`);
};

/** What must hold after every commit. */
export const ALWAYS: readonly Promised[] = [
  oneRunning,
  noOrphans,
  nothingNewInside,
  goneHoldsNothing,
  goneRunsNothing,
  heldBeforeMade,
  madeOnce,
  acceptedStays,
  fencesGrow,
  statesFollow,
  oneDelete,
];

/** It cannot go on before whoever asked for it does something, and says so. */
function waitsForCaller({ answer }: SeenOperation): boolean {
  const { is, owner } = JSON.parse(answer ?? "{}") as { is?: string; owner?: string };
  return is === "refused" && owner === "the caller";
}

/** What must hold once nothing is due any more. */
export const AT_REST: readonly Promised[] = [
  ({ picture }) =>
    picture.operations
      .filter((one) => one.state === "running" && !waitsForCaller(one))
      .map((one) => `${one.verb} of ${one.resource_id} has not ended`),
  ({ picture }) =>
    picture.operations
      .filter((one) => one.owner !== null)
      .map((one) => `${one.verb} of ${one.resource_id} is over and still owned`),
  ({ picture, at }) => {
    const held = picture.holdings.map((one) => one.ref).toSorted();
    const there = picture.things
      .filter((one) => isThere(one, at))
      .map((one) => one.ref)
      .toSorted();
    // What was skipped stays on the list until a probe is asked, whether or not it has gone by itself.
    const surely = picture.holdings.filter((one) => one.skipped_at === null).map((one) => one.ref);
    const missing = surely.filter((ref) => !there.includes(ref)).map((ref) => `${ref} is held and not in the world`);
    return [
      ...missing,
      ...there.filter((ref) => !held.includes(ref)).map((ref) => `${ref} is in the world and not held`),
    ];
  },
];
