/** The names of the kinds, apart from the kinds themselves: each of them names the others. */
export const INSTANCE = "taurusdb.instance";
export const NODE = "taurusdb.node";
export const PROXY = "taurusdb.proxy";

/** States in which something runs on a database, a node or a proxy. */
export const WORKING: ReadonlySet<string> = new Set(["BUILD", "DELETING", "ENABLING PROXY", "DISABLING PROXY"]);
