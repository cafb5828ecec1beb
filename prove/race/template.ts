import type { Param, Store } from "../../src/store/index.ts";

type Row = Record<string, Param>;

/** What a store holds, to be put back before each schedule: cheaper than a store for each. */
export interface Template {
  tables: ReadonlyMap<string, readonly Row[]>;
}

const TABLES = {
  sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations'",
  postgres: "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'",
};

export async function takeTemplate(store: Store): Promise<Template> {
  return store.read(async (session) => {
    const names = await session.all<{ name: string }>(`${TABLES[store.kind]} ORDER BY 1`);
    const tables = new Map<string, readonly Row[]>();
    for (const { name } of names) tables.set(name, await session.all<Row>(`SELECT * FROM ${name}`));
    return { tables };
  });
}

/** Makes the store what it was, row by row, in the tables that were touched; they then are no longer. */
export async function putBack(store: Store, { tables }: Template, touched: Set<string>): Promise<void> {
  const asIs = store.kind === "postgres" ? " OVERRIDING SYSTEM VALUE" : "";
  await store.write("test", async (tx) => {
    for (const [name, rows] of tables) {
      if (!touched.has(name)) continue;
      await tx.run(`DELETE FROM ${name}`);
      for (const row of rows) {
        const columns = Object.keys(row);
        const marks = columns.map(() => "?").join(", ");
        await tx.run(`INSERT INTO ${name} (${columns.join(", ")})${asIs} VALUES (${marks})`, Object.values(row));
      }
    }
  });
  touched.clear();
}
