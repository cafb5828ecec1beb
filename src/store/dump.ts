import { createHash } from "node:crypto";
import { listColumns, listTables, tablesVersion } from "./catalog.ts";
import type { Param, Session, Store } from "./store.ts";

/** The layout of the file itself; the tables' own version stands beside it. */
const LAYOUT = 1;
/** Rows that one line holds. */
const CHUNK = 1_000;
/** What a load leaves as it is beside what it brings: credentials that clients hold stay good. */
const MERGED = new Set(["iam_tokens"]);

/** What the first line of a dump says. */
export interface DumpHead {
  ebb_snapshot: number;
  /** The version of the tables. */
  tables: number;
  /** Virtual time at which it was taken, ms since the epoch. */
  at: number;
}

/** A dump that cannot be loaded; the message says why and what to do. */
export class BadDump extends Error {}

/**
 * Writes every row of the store, as it stands at one moment, as lines of JSON: a head, then for each piece of a table its
 * name with the columns and a line of rows, then an end with the number of rows and the SHA-256 of all lines before it.
 * @param put gets one line at a time, without its line feed; it may not wait
 */
export async function dump(store: Store, at: number, put: (line: string) => void): Promise<{ rows: number }> {
  return store.rehearse(async (tx) => {
    if (store.kind === "postgres") await tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    const hash = createHash("sha256");
    const say = (value: unknown) => {
      const line = JSON.stringify(value);
      hash.update(line).update("\n");
      put(line);
    };
    const head: DumpHead = { ebb_snapshot: LAYOUT, tables: await tablesVersion(tx), at };
    say(head);
    let rows = 0;
    for (const table of await listTables(store, tx)) rows += await dumpTable(store, tx, table, say);
    put(JSON.stringify({ end: true, rows, sha256: hash.digest("hex") }));
    return { rows };
  });
}

async function dumpTable(store: Store, tx: Session, table: string, say: (value: unknown) => void): Promise<number> {
  const columns = (await listColumns(store, tx, table)).map(({ name }) => name);
  // The first three columns order the rows of every table, so that no row falls between two pieces.
  const order = columns.slice(0, 3).join(", ");
  for (let from = 0; ; from += CHUNK) {
    const rows = await tx.all<Record<string, unknown>>(
      `SELECT ${columns.join(", ")} FROM ${table} ORDER BY ${order} LIMIT ${CHUNK} OFFSET ${from}`,
    );
    if (rows.length > 0) {
      say({ table, columns });
      say(rows.map((row) => columns.map((name) => row[name])));
    }
    if (rows.length < CHUNK) return from + rows.length;
  }
}

/**
 * Reads a dump to its end and answers its head. @throws BadDump for one that is cut, changed, or of another version
 * @param lines the dump's lines
 */
export async function checkDump(store: Store, lines: Iterable<string>): Promise<DumpHead> {
  const hash = createHash("sha256");
  let head: DumpHead | undefined;
  let last: string | undefined;
  for (const line of lines) {
    head ??= headOf(line);
    if (last !== undefined) hash.update(last).update("\n");
    last = line;
  }
  const end = last === undefined ? undefined : parse(last);
  if (!head) throw new BadDump("it is empty: take it again");
  if (end?.end !== true || end.sha256 !== hash.digest("hex"))
    throw new BadDump("it is cut or has been changed: its end does not fit what stands before it. Take it again");
  const tables = await store.read(tablesVersion);
  if (head.tables !== tables)
    throw new BadDump(
      `its tables have version ${head.tables} and this Ebb's have ${tables}: load it with the Ebb that took it`,
    );
  return head;
}

function headOf(line: string): DumpHead {
  const head = parse(line);
  if (typeof head?.ebb_snapshot !== "number" || typeof head.tables !== "number" || typeof head.at !== "number")
    throw new BadDump("it is no snapshot of Ebb");
  if (head.ebb_snapshot !== LAYOUT)
    throw new BadDump(
      `its layout has version ${head.ebb_snapshot} and this Ebb reads ${LAYOUT}: load it with the Ebb that took it`,
    );
  return { ebb_snapshot: head.ebb_snapshot, tables: head.tables, at: head.at };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Puts a checked dump in the place of everything in the store, in the caller's write. Leases are dropped: whoever held
 * them no longer walks what they were for.
 */
export async function loadDump(store: Store, tx: Session, lines: Iterable<string>): Promise<void> {
  await clearTables(store, tx, (table) => !MERGED.has(table));
  const rebuild = await dropIndexes(store, tx);
  let piece: { table: string; columns: string[] } | undefined;
  for (const line of lines) {
    if (piece) {
      await loadPiece(store, tx, piece.table, piece.columns, line);
      piece = undefined;
      continue;
    }
    const value = parse(line);
    if (typeof value?.table === "string") piece = { table: value.table, columns: value.columns as string[] };
  }
  await rebuild();
  await restartSerials(store, tx);
  await tx.run("UPDATE operations SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL");
}

/** SQLite builds an index over what is there in half the time that it takes to keep it row by row. Answers how to. */
async function dropIndexes(store: Store, tx: Session): Promise<() => Promise<void>> {
  if (store.kind === "postgres") return async () => {};
  const indexes = await tx.all<{ name: string; sql: string }>(
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
  );
  for (const { name } of indexes) await tx.run(`DROP INDEX ${name}`);
  return async () => {
    for (const { sql } of indexes) await tx.run(sql);
  };
}

async function loadPiece(store: Store, tx: Session, table: string, columns: string[], rows: string): Promise<void> {
  const names = columns.join(", ");
  const again = MERGED.has(table) ? " ON CONFLICT DO NOTHING" : "";
  if (store.kind === "sqlite") {
    // A call a row: measured faster than one statement over the JSON text, as no call leaves the process here.
    const sql = `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => "?").join(", ")})${again}`;
    for (const row of JSON.parse(rows) as Param[][]) await tx.run(sql, row);
    return;
  }
  const types = new Map((await listColumns(store, tx, table)).map(({ name, type }) => [name, type]));
  const values = columns.map((name, index) => `CAST(value ->> ${index} AS ${types.get(name) ?? "text"})`).join(", ");
  const from = "json_array_elements(CAST(? AS json))";
  await tx.run(`INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM ${from}${again}`, [rows]);
}

/** PostgreSQL counts its growing keys apart from the rows. */
async function restartSerials(store: Store, tx: Session): Promise<void> {
  if (store.kind !== "postgres") return;
  for (const table of await listTables(store, tx)) {
    const serial = (await listColumns(store, tx, table)).find((column) => column.serial);
    if (!serial) continue;
    await tx.get(
      `SELECT setval(pg_get_serial_sequence('${table}', '${serial.name}'), greatest(max(${serial.name}), 1), count(*) > 0) FROM ${table}`,
    );
  }
}

/** Takes every row out of the tables that `which` names, in the caller's write. */
export async function clearTables(store: Store, tx: Session, which: (table: string) => boolean): Promise<void> {
  const tables = (await listTables(store, tx)).filter(which);
  if (store.kind === "postgres") await tx.run(`TRUNCATE ${tables.join(", ")}`);
  else for (const table of tables) await tx.run(`DELETE FROM ${table}`);
}
