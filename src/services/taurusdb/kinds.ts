import type { Resource } from "../../lifecycle/index.ts";

/** The names of the kinds, apart from the kinds themselves: each of them names the others. */
export const INSTANCE = "taurusdb.instance";
export const NODE = "taurusdb.node";
export const PROXY = "taurusdb.proxy";

/** States of what is not there yet. */
export const MAKING: ReadonlySet<string> = new Set(["BUILD", "ENABLING PROXY"]);
/** States in which something runs on a database, a node or a proxy. */
export const WORKING: ReadonlySet<string> = new Set([...MAKING, "DELETING", "DISABLING PROXY"]);

/** On its way out, or gone before what is inside it, where an operator skipped the wait for that. */
export const isLeaving = (database: Resource | undefined): boolean =>
  !database || database.goneAt !== null || database.state === "DELETING";
