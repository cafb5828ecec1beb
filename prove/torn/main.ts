import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { damagesOf, swapped } from "./damages.ts";
import { judge } from "./judge.ts";
import { pick } from "./random.ts";
import { type Case, page, report, summary } from "./report.ts";
import type { End } from "./work.ts";

/**
 * The torn tail: real work in a process that is killed, then its files cut and flipped. Whatever is opened afterwards must
 * be a state that was committed, with a word about it when it is not the last one; or it is refused.
 */
const USAGE = "usage: npm run prove:torn -- [--seeds N] [--first N] [--share N (of 100)] [--write]";
const WORK = join(import.meta.dirname, "work.ts");
const DOC = join(import.meta.dirname, "../../docs/proof/torn.md");
/** About how many commits and checkpoints a whole life of the work has. */
const COMMITS = 330;
const ROUNDS = 14;

function endsOf(seed: number): End[] {
  const commit = (name: string) => pick(`${seed} ${name}`, 20, COMMITS);
  const round = (name: string) => pick(`${seed} ${name}`, 2, ROUNDS);
  return [
    { at: "after", commit: commit("after") },
    { at: "before", commit: commit("before") },
    { at: "noted", round: round("noted") },
    { at: "moved", round: round("moved") },
    { at: "begun", round: round("begun") },
    { at: "settled", round: round("settled") },
    { at: "closed" },
  ];
}

const nameOf = (end: End) =>
  "commit" in end ? `${end.at} commit ${end.commit}` : "round" in end ? `${end.at} ${end.round}` : end.at;

/** A store that ended so, and the states that were committed in its life. */
function lived(folder: string, seed: number, end: End): string[] {
  mkdirSync(folder, { recursive: true });
  const { status, signal, stderr } = spawnSync(process.execPath, [WORK, folder, String(seed), JSON.stringify(end)], {
    encoding: "utf8",
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "../cache") },
  });
  const asMeant = end.at === "closed" ? status === 0 : signal === "SIGKILL";
  if (!asMeant) throw new Error(`the work of seed ${seed} (${nameOf(end)}) ended with ${status ?? signal}: ${stderr}`);
  return readFileSync(join(folder, "states"), "utf8").trim().split("\n");
}

function copy(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  for (const name of ["ebb.db", "ebb.db-wal", "ebb.db-shm", "ebb.db.sums"])
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
  return join(to, "ebb.db");
}

async function seedCases(root: string, seed: number, share: number, told: (one: Case) => void): Promise<void> {
  let before: string | undefined;
  for (const end of endsOf(seed)) {
    const folder = join(root, `${seed}-${end.at}`);
    const store = `seed ${seed}, ${nameOf(end)}`;
    const states = lived(folder, seed, end);
    const at = join(root, "copy");
    const sound = await judge(copy(folder, at), states);
    told({ store, damage: "none", ...sound, verdict: sound.verdict === "recovered" ? "recovered" : "silent" });
    const all = damagesOf(store);
    for (const kind of ["wal", "db", "sums"] as const) if (before) all.push(swapped(kind, join(before, "ebb.db")));
    for (const damage of all) {
      if (pick(`${store} ${damage.name} share`, 1, 100) > share) continue;
      const db = copy(folder, at);
      if (damage.do(db)) told({ store, damage: damage.name, ...(await judge(db, states)) });
    }
    before = folder;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1" },
      first: { type: "string", default: "1" },
      share: { type: "string", default: "30" },
      write: { type: "boolean", default: false },
    },
  });
  const [seeds, first, share] = [Number(values.seeds), Number(values.first), Number(values.share)];
  if (!(seeds >= 1) || !(first >= 1) || !(share >= 1)) throw new Error(USAGE);
  const root = mkdtempSync(join(tmpdir(), "ebb-torn-"));
  const cases: Case[] = [];
  try {
    for (let seed = first; seed < first + seeds; seed++) await seedCases(root, seed, share, (one) => tell(one, cases));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const text = report(cases);
  const last = summary(cases, seeds === 1 ? String(first) : `${first}-${first + seeds - 1}`);
  console.log(`${text}\n${last}`);
  if (values.write) writeFileSync(DOC, page(text, last, process.argv.slice(2)));
  if (cases.some(({ verdict }) => verdict === "silent")) process.exitCode = 1;
}

function tell(one: Case, cases: Case[]): void {
  cases.push(one);
  if (one.verdict === "silent") console.log(`SILENT  ${one.store}: ${one.damage}: ${one.said}`);
}

await main();
