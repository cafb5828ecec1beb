import { Blocked, Busy, type NotAccepted, Refused, WrongState } from "./errors.ts";
import type { Blocker, Kind } from "./kinds.ts";
import type { Resource } from "./resources.ts";

/** Why one delete of a plan would not be accepted. */
export interface PlanRefusal {
  id: string;
  kind: string;
  name: string;
  state: string;
  code: "blocked" | "wrong-state" | "busy" | "refused";
  message: string;
  /** What is in the way: all of it. */
  blockers: readonly Blocker[];
  hint: string;
}

/** `failing`: ids whose own deletes are refused in the same plan. */
export function refusalOf(thing: Resource, kind: Kind, error: NotAccepted, failing: ReadonlySet<string>): PlanRefusal {
  const { id, name, state, kind: kindName } = thing;
  return { id, kind: kindName, name, state, message: error.message, ...said(thing, kind, error, failing) };
}

function said(
  thing: Resource,
  kind: Kind,
  error: NotAccepted,
  failing: ReadonlySet<string>,
): Pick<PlanRefusal, "code" | "blockers" | "hint"> {
  if (error instanceof Blocked) {
    const { blockers } = error;
    const follows = blockers.every((one) => failing.has(one.id));
    return { code: "blocked", blockers, hint: follows ? "it can go once these can" : "delete these first" };
  }
  if (error instanceof Busy)
    return {
      code: "busy",
      blockers: another(thing, error, error.running),
      hint: `wait for the end of ${error.running}, then ask again`,
    };
  if (error instanceof WrongState) {
    const first = error.id === thing.id ? verbTowardsDelete(kind, thing.state) : undefined;
    const hint = first ? `${first} it first, then ask again` : "wait until its state allows a delete, then ask again";
    return { code: "wrong-state", blockers: another(thing, error, error.state), hint };
  }
  return {
    code: "refused",
    blockers: [],
    hint: error instanceof Refused ? error.hint : "put this right, then ask again",
  };
}

/** What refuses may be something that the delete would take along. */
const another = (thing: Resource, { id, kind }: { id: string; kind: string }, state: string): Blocker[] =>
  id === thing.id ? [] : [{ id, kind, name: id, state }];

/** A verb that leads from this state to one in which delete is accepted. */
function verbTowardsDelete(kind: Kind, state: string): string | undefined {
  const from = kind.verbs.delete?.from ?? [];
  return Object.entries(kind.verbs).find(
    ([, verb]) =>
      verb.from.includes(state) && verb.then !== undefined && verb.then !== state && from.includes(verb.then),
  )?.[0];
}
