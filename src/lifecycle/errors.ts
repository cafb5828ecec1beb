import type { Blocker } from "./kinds.ts";

/** What the kernel answers to a request it will not accept. A service says it in its own dialect. */
export class NotAccepted extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** Nothing with this id belongs to the tenant. `gone`: it did, and was deleted. */
export class NotFound extends NotAccepted {
  readonly kind: string;
  readonly id: string;
  readonly gone: boolean;
  constructor(kind: string, id: string, gone = false) {
    super(`${kind} ${id} ${gone ? "is deleted" : "does not exist"}`);
    this.kind = kind;
    this.id = id;
    this.gone = gone;
  }
}

/** The verb is not for this state. */
export class WrongState extends NotAccepted {
  readonly kind: string;
  readonly id: string;
  readonly verb: string;
  readonly state: string;
  readonly allowed: readonly string[];
  constructor(kind: string, id: string, verb: string, state: string, allowed: readonly string[]) {
    super(`${kind} ${id} is ${state}: ${verb} is accepted in ${allowed.join(", ") || "no state"}`);
    this.kind = kind;
    this.id = id;
    this.verb = verb;
    this.state = state;
    this.allowed = allowed;
  }
}

/** Another operation is running on the resource. */
export class Busy extends NotAccepted {
  readonly kind: string;
  readonly id: string;
  readonly verb: string;
  readonly running: string;
  constructor(kind: string, id: string, verb: string, running: string) {
    super(`${kind} ${id} is busy with ${running}: ${verb} is accepted once that has ended`);
    this.kind = kind;
    this.id = id;
    this.verb = verb;
    this.running = running;
  }
}

/** The guards found something in the way; `blockers` is all of it. */
export class Blocked extends NotAccepted {
  readonly kind: string;
  readonly id: string;
  readonly verb: string;
  readonly blockers: readonly Blocker[];
  constructor(kind: string, id: string, verb: string, blockers: readonly Blocker[]) {
    super(`${verb} of ${kind} ${id} is blocked by ${blockers.map((one) => `${one.kind} ${one.id}`).join(", ")}`);
    this.kind = kind;
    this.id = id;
    this.verb = verb;
    this.blockers = blockers;
  }
}

/** A name that must be unique is taken. */
export class NameTaken extends NotAccepted {
  readonly kind: string;
  readonly taken: string;
  constructor(kind: string, taken: string) {
    super(`a ${kind} named ${taken} exists`);
    this.kind = kind;
    this.taken = taken;
  }
}

/** The lease on an operation was lost: whoever holds it goes on, this process stops. */
export class LeaseLost extends Error {
  constructor(operationId: string) {
    super(`the lease on operation ${operationId} is held elsewhere`);
    this.name = "LeaseLost";
  }
}

/** Nothing of the kernel's own (an operation, a step, a receipt) has this id. */
export class NoSuch extends NotAccepted {
  constructor(what: string, id: string) {
    super(`there is no ${what} ${id}`);
  }
}

/** What an operator asked for is not possible as things stand. `more` is for programs. */
export class Refused extends NotAccepted {
  readonly hint: string;
  readonly more: object;
  constructor(message: string, hint: string, more: object = {}) {
    super(message);
    this.hint = hint;
    this.more = more;
  }
}
