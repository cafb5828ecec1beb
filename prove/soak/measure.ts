import { statSync } from "node:fs";
import { listTables } from "../../src/store/catalog.ts";
import type { Param } from "../../src/store/index.ts";
import type { SoakHouse } from "./house.ts";

/** What is read of the machine at one point: bytes. */
export interface Sample {
  heap: number;
  resident: number;
  file: number;
}

export function sample(file: string): Sample {
  if (!globalThis.gc) throw new Error("the soak needs node --expose-gc");
  // Twice: what the first one only notes as dead, finalizers included, the second one frees.
  globalThis.gc();
  globalThis.gc();
  const { heapUsed: heap, rss: resident } = process.memoryUsage();
  return { heap, resident, file: bytesOf(file) };
}

const bytesOf = (file: string): number =>
  ["", "-wal"].reduce((all, end) => all + (statSync(`${file}${end}`, { throwIfNoEntry: false })?.size ?? 0), 0);

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** How much the last quarter lies above the second (the first is the warm-up), by their medians, in percent. */
export function growth(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4);
  const before = median(values.slice(quarter, 2 * quarter));
  return 100 * (median(values.slice(-quarter)) / before - 1);
}

/**
 * Time goes on by itself, and so does what is told last of a server, which lives through the whole run: there are as many
 * such rows as before, and all else of them is the same.
 */
const GOES_ON: Readonly<Record<string, readonly string[]>> = {
  resources: ["updated_at"],
  events: ["seq", "at", "operation_id", "request_id", "data"],
};
/**
 * The kept clock stands where time has come to. What the world remembers of a thing that is gone is a fence, until its
 * domain's next change.
 */
const PASSED_OVER: Readonly<Record<string, string>> = {
  house: "name = 'clock'",
  sim_things: "phase = 'unmaking'",
};

type Rows = Map<string, Map<string, number>>;

/** Every row of every table, as text. */
export async function picture({ store }: SoakHouse): Promise<Rows> {
  return store.read(async (session) => {
    const tables: Rows = new Map();
    for (const table of await listTables(store, session)) {
      if (table === "receipt_chain") continue;
      const where = PASSED_OVER[table] === undefined ? "" : `WHERE NOT (${PASSED_OVER[table]})`;
      const rows = await session.all<Record<string, Param>>(`SELECT * FROM ${table} ${where}`);
      const texts = new Map<string, number>();
      for (const row of rows) {
        for (const column of GOES_ON[table] ?? []) delete row[column];
        const text = JSON.stringify(row);
        texts.set(text, (texts.get(text) ?? 0) + 1);
      }
      tables.set(table, texts);
    }
    return tables;
  });
}

/** Rows that are there and were not, and the other way round, by table. */
export function differences(before: Rows, after: Rows): string[] {
  const found: string[] = [];
  for (const table of new Set([...before.keys(), ...after.keys()])) {
    const [then, since] = [
      before.get(table) ?? new Map<string, number>(),
      after.get(table) ?? new Map<string, number>(),
    ];
    for (const row of new Set([...then.keys(), ...since.keys()])) {
      const more = (since.get(row) ?? 0) - (then.get(row) ?? 0);
      if (more !== 0) found.push(`${table}: ${more > 0 ? "left over" : "lost"}: ${row}`);
    }
  }
  return found;
}
