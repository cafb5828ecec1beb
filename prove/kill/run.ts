import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore, type StoreAddress } from "../../src/store/index.ts";
import { freshDatabase } from "../../test/postgres.ts";
import { type Entry, Journal } from "./journal.ts";
import type { Schedule } from "./killer.ts";
import { journalFile, type Life } from "./life-shape.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));
/** A life that takes longer is stuck, on the busiest machine. Real ms. */
const LIFE_MS = 600_000;
const LIVES_MOST = 2_000;

export interface Run {
  store: "sqlite" | "postgres";
  tales: readonly string[];
  seed: number;
  factor: number;
  schedule(life: number): Schedule;
}

export interface Outcome {
  run: Run;
  lives: number;
  entries: readonly Entry[];
  problems: readonly Extract<Entry, { is: "problem" }>[];
}

/** Tells the tales in one process after the other on one store, until one of them comes to the end. */
export async function runOnce(run: Run): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "ebb-kill-"));
  const database = run.store === "postgres" ? await freshDatabase() : undefined;
  const store: StoreAddress = database
    ? { kind: "postgres", url: database.url }
    : { kind: "sqlite", file: join(folder, "ebb.db") };
  try {
    const lives = await liveOn(run, folder, store);
    const journal = new Journal(journalFile(folder));
    const problems = [...journal.all("problem"), ...(await opens(store))];
    if (journal.all("over").length !== 1) problems.push(broken(`it had no end after ${lives} lives`));
    return { run, lives, entries: journal.entries, problems };
  } catch (error) {
    const { entries } = new Journal(journalFile(folder));
    const text = error instanceof Error ? error.message : String(error);
    return { run, lives: 0, entries, problems: [broken(text)] };
  } finally {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const broken = (text: string) => ({ is: "problem", kind: "broken", text }) as const;

async function liveOn({ tales, seed, factor, schedule }: Run, folder: string, store: StoreAddress): Promise<number> {
  for (let turn = 1; turn <= LIVES_MOST; turn++) {
    const life: Life = { folder, store, tales, seed, factor, schedule: schedule(turn) };
    const kills = new Journal(journalFile(folder)).all("killed").length;
    const child = spawn(process.execPath, [CHILD, JSON.stringify(life)], { stdio: ["ignore", "inherit", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4_000)));
    const stuck = setTimeout(() => child.kill("SIGTERM"), LIFE_MS);
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    clearTimeout(stuck);
    if (code === 0) return turn;
    const killed = new Journal(journalFile(folder)).all("killed").length - kills;
    if (signal !== "SIGKILL" || killed !== 1)
      throw new Error(`life ${turn} ended with ${code ?? signal}: ${said.trim()}`);
  }
  return LIVES_MOST;
}

/** After the last process, the store opens, and a look over the whole file finds nothing wrong. */
async function opens(address: StoreAddress) {
  const store = await openStore(address);
  try {
    if (store.kind === "postgres") return [];
    const rows = await store.read((session) => session.all<{ integrity_check: string }>("PRAGMA integrity_check"));
    return rows.filter((one) => one.integrity_check !== "ok").map((one) => broken(one.integrity_check));
  } finally {
    await store.close();
  }
}
