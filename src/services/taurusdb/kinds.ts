/** The names of the kinds, apart from the kinds themselves: each of them names the others. */
export const INSTANCE = "taurusdb.instance";
export const NODE = "taurusdb.node";
export const PROXY = "taurusdb.proxy";

/** States of what is not there yet. */
export const MAKING: ReadonlySet<string> = new Set(["BUILD", "ENABLING PROXY"]);
/** States in which something runs on a database, a node or a proxy. */
export const WORKING: ReadonlySet<string> = new Set([...MAKING, "DELETING", "DISABLING PROXY"]);
