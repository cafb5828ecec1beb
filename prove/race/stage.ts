import type { Drivers } from "../../src/drivers/port.ts";
import type { Caller, Kind, Lifecycle } from "../../src/lifecycle/index.ts";
import type { House, Service } from "../../src/wire/index.ts";

/** Ids that a stage's furniture goes by. */
export type Things = Record<string, string>;

/** What a move works with: one process, and a caller of its own. */
export interface Hands {
  lifecycle: Lifecycle;
  house: House;
  caller: Caller;
  /** Runs an operation of the stage's service as the gateway would, past HTTP. Answers its body. */
  call(operation: string, params: object, body?: object): Promise<unknown>;
}

export interface Move {
  name: string;
  /** The promise ends as the request does: with its answer, or with the refusal. */
  ask(hands: Hands, things: Things): Promise<unknown>;
}

/** Some furniture, and what may be asked of it at the same time. */
export interface Stage {
  name: string;
  kinds: readonly Kind[];
  service?: Service;
  inventory?: Readonly<Record<string, unknown>>;
  /** Puts the furniture in its place; `pass` lets virtual time go by, with all that falls due in it. */
  furnish(hands: Hands, pass: (ms: number) => Promise<void>): Promise<Things>;
  moves: readonly Move[];
  /** Stands between the kernel and the world, for a schedule's whole time. */
  world?(drivers: Drivers): Drivers;
}
