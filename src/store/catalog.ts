import type { Session, Store } from "./store.ts";

/** The store's tables, but the one of the migrations, by name. */
export async function listTables(store: Pick<Store, "kind">, session: Session): Promise<string[]> {
  const rows = await session.all<{ name: string }>(
    store.kind === "postgres"
      ? "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
      : "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  return rows.map(({ name }) => name).filter((name) => name !== "migrations");
}

export interface Column {
  name: string;
  type: string;
  /** The store counts it up by itself. */
  serial: boolean;
}

/** The columns of one of the store's own tables, in their order. */
export async function listColumns(store: Pick<Store, "kind">, session: Session, table: string): Promise<Column[]> {
  if (store.kind === "postgres") {
    const rows = await session.all<{ name: string; type: string; identity: string }>(
      `SELECT column_name AS name, data_type AS type, is_identity AS identity FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position`,
      [table],
    );
    return rows.map(({ name, type, identity }) => ({ name, type, serial: identity === "YES" }));
  }
  const rows = await session.all<{ name: string; type: string }>("SELECT name, type FROM pragma_table_info(?)", [
    table,
  ]);
  return rows.map(({ name, type }) => ({ name, type, serial: false }));
}

/** How far the migrations have come. */
export async function tablesVersion(session: Session): Promise<number> {
  const row = await session.get<{ version: number | null }>("SELECT max(version) AS version FROM migrations");
  return row?.version ?? 0;
}
