/** A physical server: a record of the inventory, there before any request. */
export const SERVER = "clouddc.server";
/** An operating system on a server, which is its parent. */
export const INSTANCE = "clouddc.instance";
