import type { Store } from "../src/store/index.ts";

/** What comes with the inventory is there before anyone asks for it, and stays. */
const OF_THE_INVENTORY = "SELECT id FROM resources WHERE created_by = 'inventory'";

/** Which rows of a table may stay once everything that was made is deleted, and its time of being readable is over. */
const STAYS: Readonly<Record<string, string>> = {
  migrations: "1 = 1",
  iam_domains: "1 = 1",
  iam_projects: "1 = 1",
  iam_users: "1 = 1",
  iam_access_keys: "1 = 1",
  iam_tokens: "1 = 1",
  // The clock and its like: how the house stands.
  house: "1 = 1",
  resources: `id IN (${OF_THE_INVENTORY}) AND gone_at IS NULL`,
  operations: `resource_id IN (${OF_THE_INVENTORY}) AND state <> 'running'`,
  events: `resource_id IN (${OF_THE_INVENTORY})`,
  // Where the chain ended: the next receipt goes on from there.
  receipt_chain: "last_seq = first_seq - 1",
  // Never made, it was there before Ebb; unmade, only its fence is remembered for a while.
  sim_things: "made = 0 OR phase = 'unmaking'",
};

const TABLES = {
  sqlite: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
  postgres: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
};

/**
 * What is left in any table of a store in which everything was deleted, and that was scanned after the time of being
 * readable: a line for each such table. The tables are the store's own: a further one has to be empty until it is named here.
 */
export function leftovers(store: Store): Promise<string[]> {
  return store.read(async (session) => {
    const left: string[] = [];
    for (const { name } of await session.all<{ name: string }>(TABLES[store.kind])) {
      const rows = await session.all<object>(`SELECT * FROM ${name} WHERE NOT (${STAYS[name] ?? "1 = 0"}) LIMIT 100`);
      if (rows.length > 0) left.push(`${name} has ${rows.length} rows left, the first: ${JSON.stringify(rows[0])}`);
    }
    return left;
  });
}
