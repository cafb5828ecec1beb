import { openPostgres } from "./postgres.ts";
import { openSqlite } from "./sqlite.ts";
import type { Store, WriteHooks } from "./store.ts";

export type { Param, Session, Store, WriteHooks } from "./store.ts";
export { q } from "./store.ts";
export type * from "./tables.ts";

export type StoreAddress = { kind: "sqlite"; file: string } | { kind: "postgres"; url: string };

/** Opens the store at `address` and migrates it. */
export function openStore(address: StoreAddress, hooks?: WriteHooks): Promise<Store> {
  return address.kind === "sqlite" ? openSqlite(address.file, hooks) : openPostgres(address.url, hooks);
}
