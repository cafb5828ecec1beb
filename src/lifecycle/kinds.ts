import type { Domain, Drivers } from "../drivers/port.ts";
import type { Session } from "../store/index.ts";
import type { Holding } from "./holdings.ts";
import type { Operation } from "./operations.ts";
import type { Resource } from "./resources.ts";

/** Something that stands in the way of a verb. */
export interface Blocker {
  kind: string;
  id: string;
  name: string;
  state: string;
}

/** Runs inside the accepting write, and names every blocker it sees. */
export type Guard = (tx: Session, resource: Resource) => Promise<Blocker[]>;

/** A real thing that a step is about to make: written down as held before `perform` runs. */
export interface Taking {
  domain: Domain;
  type: string;
  ref: string;
}

/** What a step knows when it runs. */
export interface Work {
  resource: Resource;
  operation: Operation;
  /** What the resource still holds in the world. */
  held: readonly Holding[];
  drivers: Drivers;
  /** Virtual time, ms since the epoch. */
  now: number;
  /** Reads of the kernel's own tables. */
  read<T>(ask: (session: Session) => Promise<T>): Promise<T>;
}

/** What the world answers when asked whether a step's aim is reached. */
export type Answer =
  | { is: "done"; facts?: Record<string, unknown> }
  /** The things released by this step (or `refs` of them) are proved away; `proof` says how that was seen. */
  | { is: "gone"; proof: string; refs?: readonly string[]; facts?: Record<string, unknown> }
  /**
   * `again`: ms until the next look is worth it. `on`: ids of the resources that are waited for. `performs`: the step
   * performs once more before that look.
   */
  | { is: "not-yet"; again: number; waitingFor: string; on?: readonly string[]; proved?: Seen; performs?: boolean }
  /** `on`: ids of the resources in which the reason lies. */
  | {
      is: "refused";
      reason: string;
      owner: string;
      hint: string;
      forGood?: boolean;
      on?: readonly string[];
      proved?: Seen;
    };

/** Holdings that are proved away before the step's aim is reached: they are released at once. */
export interface Seen {
  refs: readonly string[];
  proof: string;
}

/** One step of a plan. `perform` is safe to repeat; only `probe` decides that the step is done. */
export interface Step {
  /** What will be held once the step has performed. */
  takes?(resource: Resource): Taking[];
  /** Types of holdings that the step releases; its probe must answer `gone`. */
  releases?: readonly string[];
  /** Performs before every look, for work that comes due while it waits. */
  repeats?: boolean;
  perform(work: Work): Promise<void>;
  probe(work: Work): Promise<Answer>;
  /** Virtual ms from the start of this step after which it fails for good. Without it, it waits without end. */
  deadlineMs?: number;
}

/** One thing that can be done to a kind's resources. */
export interface Verb {
  /** States in which it is accepted. Empty for a verb that creates. */
  from: readonly string[];
  /** The state while its plan runs. Left out, like the next two, where the verb does not move the state. */
  during?: string;
  /** The state once its plan is done. The kind's gone state makes the verb a delete: asked again, it answers what runs. */
  then?: string;
  /** The stable state after a step has failed for good; it must be in `from` of some verb. */
  failed?: string;
  /** Step names in order; stored by value with `version`, so that a later program can finish an older plan. */
  plan(resource: Resource): readonly string[];
  version: number;
  guards?: readonly Guard[];
  /** Verbs whose running operation this one stops and replaces. */
  aborts?: readonly string[];
  /** What its acceptance writes into the spec, whoever asks for it. */
  writes?(tx: Session, resource: Resource): Promise<object>;
  /**
   * Works on what the resource holds and not on the resource: neither its end nor its failure changes that, it runs also
   * after the resource is gone, and any other verb replaces it.
   */
  aside?: boolean;
  /** Kinds of children that go with the resource: each live child gets the same verb in the same write. */
  cascade?: readonly string[];
  /** Runs in the write that ends the verb well. */
  after?(effects: Effects, resource: Resource): Promise<void>;
}

/** What the end of a verb brings about, in the same write. */
export interface Effects {
  readonly tx: Session;
  /** Virtual time, ms since the epoch. */
  readonly now: number;
  /** Moves a live resource, within its closed transition table. */
  move(id: string, state: string): Promise<void>;
  /** Writes into the spec of a live resource. */
  note(id: string, spec: object): Promise<void>;
  /** Sets the resource's alarm: `verb` starts by itself at `at`, unless its state has changed by then. */
  alarm(resource: Resource, at: number, verb: string): Promise<void>;
}

export interface Kind {
  /** `service.thing` */
  name: string;
  verbs: Readonly<Record<string, Verb>>;
  steps: Readonly<Record<string, Step>>;
  /** Transitions beside those of the verbs, by state. */
  moves?: Readonly<Record<string, readonly string[]>>;
  /** The state that means: nothing is left of it. */
  gone: string;
  /** A record of the kernel's own work: its end is no delete. */
  record?: boolean;
}

/** True for a verb that deletes: it leaves a receipt, and its steps can be skipped. */
export const isDelete = (kind: Kind, verb: string): boolean =>
  kind.record !== true && kind.verbs[verb]?.then === kind.gone;

/** True when `kind` may go from one state to the other. */
export function allows(kind: Kind, from: string, to: string): boolean {
  if (kind.moves?.[from]?.includes(to)) return true;
  return Object.values(kind.verbs).some(
    (verb) =>
      (verb.from.includes(from) && to === verb.during) ||
      (verb.during === undefined && verb.from.includes(from) && (to === verb.then || to === verb.failed)) ||
      (from === verb.during && (to === verb.then || to === verb.failed)) ||
      (verb.aborts ?? []).some((name) => kind.verbs[name]?.during === from && to === verb.during),
  );
}
