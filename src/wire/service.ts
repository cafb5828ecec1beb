import type { Kind } from "../lifecycle/index.ts";
import type { Dialect } from "./dialect.ts";
import type { House } from "./house.ts";
import type { Operation } from "./operation.ts";

/** A cloud service as a value: the whole of what the rest of the program knows of it. */
export interface Service {
  /** As in its hosts and IAM actions, lower-case. */
  name: string;
  title: string;
  kinds: readonly Kind[];
  operations: readonly Operation[];
  dialect: Dialect;
  /** Sizes of bounded pools of the simulated world (flavors), from the inventory. */
  capacity?(inventory: Readonly<Record<string, unknown>>): Readonly<Record<string, number>>;
  /** Runs before the first request: puts the inventory in its place. Safe to repeat at every start. */
  start?(house: House): Promise<void>;
}
