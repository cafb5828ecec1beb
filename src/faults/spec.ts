/** The statuses that a fault can answer, each in the service's own dialect. */
export const STATUSES = [400, 401, 403, 404, 408, 409, 429, 500] as const;
export type Status = (typeof STATUSES)[number];

/** What becomes of a call on the wire. */
export type CallAnswer =
  /** The operation does not run. `retry_after_s` goes with 429. */
  | { status: Status; retry_after_s?: number }
  /** The operation runs so much later, on the clock on which clients wait. */
  | { slow_ms: number }
  /** The operation does not run, and the connection is reset. */
  | "reset"
  /** The operation runs; half of its answer comes, then the connection is closed. */
  | "cut"
  /** The operation runs, and the connection is reset in place of its answer. */
  | "lost";

/** What becomes of one try of a step. */
export type StepAnswer =
  /** An error of the call, which passes. */
  | "fails"
  /** The world will never do it, for this reason. */
  | { fails_for_good: string }
  /** The call is never answered. */
  | "hangs"
  /** The call is carried out, and its answer is lost. */
  | "lost-answer"
  /** The world will not do it at this time. */
  | "refuses";

/** How a service answers for what is gone. */
export type GoneAnswer = "404" | "coded-400" | "403" | "empty-list";

/** Which of the calls that fit are hit; every one by default. Of `first`, `every` and `probability` at most one is there. */
export interface When {
  first?: number;
  every?: number;
  /** 0 to 1; decided by `seed` and the number of the call, so that the same seed hits the same calls. */
  probability?: number;
  seed?: number;
  /** Hits at most. */
  times?: number;
  /** Virtual ms from the first hit. */
  for_ms?: number;
  /** Virtual time, ms since the epoch. */
  until?: number;
}

/** A field that is left out fits everything; at least one is there. */
interface OnWire {
  service?: string;
  operation?: string;
  /** What the call names in its path, query or body. */
  resource?: string;
  tenant?: string;
}

export type CallFault = { on: "call"; answer: CallAnswer } & OnWire & When;
export type GoneFault = { on: "gone"; answer: GoneAnswer } & OnWire & When;
export type StepFault = { on: "step"; answer: StepAnswer } & When & {
    kind?: string;
    verb?: string;
    step?: string;
    resource?: string;
    tenant?: string;
  };

/** What goes wrong, where, and when. Stored as JSON. */
export type FaultSpec = CallFault | StepFault | GoneFault;

/** A call of a service, as far as faults look at it. */
export interface CallPlace {
  service: string;
  operation: string;
  /** The project, or else the account; "" for nobody. */
  tenant: string;
  /** The account; "" for nobody. */
  account: string;
  /** It changes nothing. */
  reads: boolean;
  names(resource: string): boolean;
}

/** One try of a step. */
export interface StepPlace {
  kind: string;
  verb: string;
  step: string;
  resource: string;
  tenant: string;
  /** The try calls into the world, and does not only look at it. */
  performs: boolean;
}

const fits = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;

export const fitsCall = (spec: OnWire, at: CallPlace): boolean =>
  fits(spec.service, at.service) &&
  fits(spec.operation, at.operation) &&
  (fits(spec.tenant, at.tenant) || spec.tenant === at.account) &&
  (spec.resource === undefined || at.names(spec.resource));

/** Only what reads has a list to show. */
export const fitsGone = (spec: GoneFault, at: CallPlace): boolean =>
  fitsCall(spec, at) && (at.reads || spec.answer !== "empty-list");

/** An answer can only be lost where something was asked. */
export const fitsStep = (spec: StepFault, at: StepPlace): boolean =>
  fits(spec.kind, at.kind) &&
  fits(spec.verb, at.verb) &&
  fits(spec.step, at.step) &&
  fits(spec.resource, at.resource) &&
  fits(spec.tenant, at.tenant) &&
  (at.performs || spec.answer !== "lost-answer");
