import { type Log, silentLog } from "../log.ts";
import type { Store, WriteHooks } from "./store.ts";

export { Commits } from "./commits.ts";
export { BadDump, checkDump, clearTables, type DumpHead, dump, loadDump } from "./dump.ts";
export { dropHouse, listHouse, readHouse, writeHouse } from "./house.ts";
export { LIFECYCLE_POINTS, OTHER_POINTS, type Point, WORLD_POINTS } from "./points.ts";
export type { Param, Session, Store, WriteHooks } from "./store.ts";
export type * from "./tables.ts";

export type StoreAddress =
  /** `logPages`: pages of log after which they are moved into the file, 4000 by default. */
  { kind: "sqlite"; file: string; logPages?: number } | { kind: "postgres"; url: string };

/** Opens the store at `address` and migrates it. An embedded one whose files are damaged is refused with EBB_DAMAGED. */
export async function openStore(address: StoreAddress, hooks?: WriteHooks, log: Log = silentLog): Promise<Store> {
  // Only the store in use is loaded: the other's library would cost every start.
  if (address.kind === "sqlite") return (await import("./sqlite.ts")).openSqlite({ ...address, log }, hooks);
  return (await import("./postgres.ts")).openPostgres(address.url, hooks);
}
