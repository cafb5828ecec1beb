import type { Session } from "../store/index.ts";
import type { Accepting, Caller } from "./accept.ts";
import { LeaseLost, NotAccepted } from "./errors.ts";
import type { Answer, Kind, Step, Verb, Work } from "./kinds.ts";
import { refusalOf } from "./plan-refusals.ts";
import { findResource, type ResourceError } from "./resources.ts";
import { type Kinds, kindOf } from "./settle.ts";
import { lookAt, newestFence, type StandingItem, TEARDOWN, teardownSpec } from "./teardown-look.ts";
import { unwatch } from "./wakes.ts";

/** What a teardown asks of the kernel that it is part of. */
export interface TeardownHouse {
  kinds: Kinds;
  /** The ordinary accepting write. */
  accept<T>(caller: Caller, change: (accepting: Accepting) => Promise<T>): Promise<T>;
  /** The same, rolled back. */
  rehearse<T>(caller: Caller, change: (accepting: Accepting) => Promise<T>): Promise<T>;
}

/** Deletes that are submitted side by side. */
const AT_ONCE = 8;
/** Virtual ms until a teardown looks again when nothing has woken it. */
const LOOK_AGAIN_MS = 60_000;
/** The same, when something has become possible since it last submitted. */
const SOON_MS = 100;
/** Things that one answer names; the others are counted. */
const NAMED_MOST = 20;

const running: Omit<Verb, "from"> = {
  during: "TEARING-DOWN",
  then: "DONE",
  failed: "STOPPED",
  version: 1,
  plan: () => ["carry-out"],
  after: ({ tx }, { id }) => unwatch(tx, id),
};

/** A plan of deletes that is carried out as one operation, each delete as soon as nothing that goes before it is left. */
export const teardownKind = (house: TeardownHouse): Kind => ({
  name: TEARDOWN,
  record: true,
  gone: "DONE",
  verbs: { create: { ...running, from: [] }, resume: { ...running, from: ["STOPPED"] } },
  steps: { "carry-out": carryOut(house) },
});

/** Submits what has come due, and is done when the store says of every item that it is gone. */
const carryOut = (house: TeardownHouse): Step => ({
  repeats: true,
  async perform(work) {
    const due = (await look(work)).flatMap((item) => dueOf(item));
    for (let from = 0; from < due.length; from += AT_ONCE)
      await Promise.all(due.slice(from, from + AT_ONCE).map((one) => submit(house, work, one)));
  },
  async probe(work) {
    const live = (await look(work)).filter((item) => item.standing !== "gone");
    if (live.length === 0) return { is: "done" };
    const still = live.filter((item) => item.standing === "ready");
    const refused = await whyNot(house, work, still.slice(0, NAMED_MOST));
    const failures = live.flatMap(failuresOf);
    if (failures.length > 0) return frozen(failures, refused);
    const [first] = refused;
    if (first) {
      const reason = listed(refused.map((one) => one.message));
      return { is: "refused", reason, owner: "the caller", hint: first.hint, on: onAll(refused) };
    }
    const waitingFor = listed(live.map((item) => `${item.kind} ${item.id}`));
    return { is: "not-yet", again: still.length > 0 ? SOON_MS : LOOK_AGAIN_MS, waitingFor, on: onAll(live) };
  },
});

const look = (work: Work): Promise<StandingItem[]> => work.read((session) => lookAt(session, work.resource));

interface Due {
  id: string;
  kind: string;
  tenant: string;
  createdBy: string;
  /** Goes only together with this item, whose delete is running. */
  along?: boolean;
}

/** An item whose turn it is, or those that stand still among what it takes along. */
function dueOf({ standing, id, kind, tenant, createdBy, stuck }: StandingItem): Due[] {
  if (standing === "ready") return [{ id, kind, tenant, createdBy }];
  if (standing !== "deleting") return [];
  return stuck
    .filter(({ anew }) => anew)
    .map(({ thing }) => ({ id: thing.id, kind: thing.kind, tenant, createdBy: thing.createdBy, along: true }));
}

/** Submits one delete, unless it is no longer this walk's to submit. Why one is refused, the probe finds out. */
async function submit(house: TeardownHouse, { resource, operation }: Work, due: Due): Promise<void> {
  const { anew } = teardownSpec(resource);
  const { kind, id, tenant, createdBy: userId } = due;
  try {
    await house.accept({ tenant, userId, requestId: operation.requestId }, async (accepting) => {
      await mustHold(accepting.tx, operation);
      const one = await accepting.get(kind, id);
      const failed = one.error?.verb === "delete";
      if (failed && anew[id] !== (await newestFence(accepting.tx, id))) return;
      if (failed || due.along !== true) await accepting.submit("delete", one);
    });
  } catch (error) {
    if (!(error instanceof NotAccepted)) throw error;
  }
}

/** A walk whose claim was taken away submits nothing more. */
async function mustHold(tx: Session, { id, fence }: Work["operation"]): Promise<void> {
  const held = await tx.get("SELECT id FROM operations WHERE id = ? AND fence = ? AND state = 'running'", [id, fence]);
  if (!held) throw new LeaseLost(id);
}

interface Why {
  id: string;
  message: string;
  hint: string;
}

/** What the guards say of items that were due and do not move. */
async function whyNot(house: TeardownHouse, work: Work, still: readonly StandingItem[]): Promise<Why[]> {
  const said: Why[] = [];
  for (const { id, kind, tenant, createdBy: userId } of still) {
    const caller = { tenant, userId, requestId: work.operation.requestId };
    const why = await house.rehearse(caller, async (accepting) => {
      const one = await findResource(accepting.tx, id, true);
      if (!one || one.goneAt !== null) return undefined;
      const error = await accepting.submit("delete", one).catch((refusal: unknown) => refusal);
      return error instanceof NotAccepted ? refusalOf(one, kindOf(house.kinds, kind), error, new Set()) : undefined;
    });
    if (why) said.push(why);
  }
  return said;
}

interface Failure {
  kind: string;
  id: string;
  error: ResourceError;
}

/** Deletes that have stopped for good: the item's own, or of something that it takes along. */
function failuresOf({ standing, kind, id, error, stuck }: StandingItem): Failure[] {
  const along = stuck.flatMap(({ thing }) => (thing.error ? [{ ...thing, error: thing.error }] : []));
  return standing === "failed" && error ? [{ kind, id, error }, ...along] : along;
}

function frozen(failures: readonly Failure[], refused: readonly Why[]): Answer {
  const reasons = failures.map(({ kind, id, error }) => `${kind} ${id} was not deleted: ${error.reason}`);
  const [first] = failures;
  return {
    is: "refused",
    reason: listed([...reasons, ...refused.map((one) => one.message)]),
    owner: first?.error.owner ?? "an operator",
    hint: `${first?.error.hint}; then ask for the teardown again, or delete ${first?.id} again`,
    on: onAll([...failures, ...refused]),
  };
}

const onAll = (things: readonly { id: string }[]): string[] => things.slice(0, NAMED_MOST).map(({ id }) => id);

function listed(texts: readonly string[]): string {
  const rest = texts.length - NAMED_MOST;
  return texts.slice(0, NAMED_MOST).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}
