import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import type { Lifecycle } from "../src/lifecycle/index.ts";
import type { StoreAddress } from "../src/store/index.ts";
import { freshDatabase, type TestDatabase } from "./postgres.ts";

/** The time at which every test's clock stands still. */
export const START = Date.UTC(2026, 0, 5, 8, 0, 0);

/** Where a test's own store is, and how to take it away once everything on it is closed. */
export interface FreshStore {
  dataDir: string;
  store: StoreAddress;
  remove: () => Promise<void>;
}

/** Emptied databases of this process, with their tables in place: making one anew costs more than most tests. */
const emptied: TestDatabase[] = [];

async function empty(database: TestDatabase): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ tables: string | null }>(
      "SELECT string_agg(quote_ident(tablename), ', ') AS tables FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'",
    );
    if (rows[0]?.tables) await client.query(`TRUNCATE ${rows[0].tables} RESTART IDENTITY`);
  } finally {
    await client.end();
  }
}

/**
 * A store of the test's own, of the kind that EBB_TEST_STORE names (sqlite by default).
 * @param options.discard the store is not used again: for a test that leaves it unfit, or killed what was connected to it
 */
export async function freshStore(options: { discard?: boolean } = {}): Promise<FreshStore> {
  const dataDir = mkdtempSync(join(tmpdir(), "ebb-test-"));
  const removeFolder = () => rmSync(dataDir, { recursive: true, force: true });
  if (process.env.EBB_TEST_STORE !== "postgres")
    return { dataDir, store: { kind: "sqlite", file: join(dataDir, "ebb.db") }, remove: async () => removeFolder() };
  const database = emptied.pop() ?? (await freshDatabase());
  const remove = async () => {
    removeFolder();
    if (options.discard) return database.drop();
    await empty(database);
    emptied.push(database);
  };
  return { dataDir, store: { kind: "postgres", url: database.url }, remove };
}

/** Lets `ms` pass as they would: from one due time to the next, each with all that follows from it. */
export async function letPass({ runner, time }: Lifecycle, ms: number): Promise<void> {
  const { underWay } = await time.advance({ by: ms });
  // What makes no progress is the test's own doing: it is waited for, so that a test which hangs is seen to.
  if (underWay.length > 0) await runner.settled();
}
