import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startPostgres } from "../../test/postgres.ts";
import type { When } from "./journal.ts";
import { chanceOf } from "./random.ts";
import { failed, killedIn, type Matrix, page, report, summary } from "./report.ts";
import { type Outcome, type Run, runOnce } from "./run.ts";
import { TALE_NAMES, TALES } from "./tales.ts";

/**
 * The kill matrix: a process is killed before and after each durable write, started again, and killed again, until it
 * comes to the end; then nothing may be lost, left over, or done twice that must happen once.
 */
const USAGE = `usage: npm run prove:kill -- [--store sqlite|postgres|both] [--seeds N] [--first N] [--lanes N] [--tale NAME] [--write]
  Seed 1 kills at every point of every tale; each further seed mixes tales, and draws where it kills.`;

const STORES = { sqlite: ["sqlite"], postgres: ["postgres"], both: ["sqlite", "postgres"] } as const;
/** A page for each store that was told alone, and one for both. */
const PAGES = join(import.meta.dirname, "../../docs/proof");
/** Writes between two kills of a drawn run, at most: between these. */
const APART = { least: 4, most: 120 };
/** Kills of a drawn run, at most: it is then told to its end. */
const KILLS = 3;

/** A run for each tale, killed at every write of what it tells; the first of all also where nothing is moved. */
function everyPoint(store: Run["store"], names: readonly string[], elsewhere?: string): Run[] {
  return names.map((name, index) => ({
    store,
    tales: [name],
    seed: 1,
    factor: 1,
    schedule: () => ({ every: true, allToo: index === 0 && elsewhere === undefined, elsewhere }),
  }));
}

function drawn(store: Run["store"], names: readonly string[], seed: number): Run {
  const chance = (what: string) => chanceOf(`${seed}/${what}`);
  const [one = "", ...others] = names.toSorted((a, b) => chance(a) - chance(b));
  // Two at once, unless one of them makes trouble for whatever runs beside it.
  const another = TALES[one]?.last || chance("how many") < 0.5 ? [] : others.filter((name) => !TALES[name]?.last);
  const apart = APART.least + chance("apart") * (APART.most - APART.least);
  return {
    store,
    tales: [one, ...another.slice(0, 1)],
    seed,
    factor: chance("pace") < 0.3 ? 0 : 1,
    schedule: (life) => ({
      every: false,
      nth: life > KILLS ? 0 : 1 + Math.floor(chance(`life ${life}`) * apart),
      when: (chance(`when ${life}`) < 0.5 ? "before" : "after") satisfies When,
    }),
  };
}

/** Takes the runs one by one in so many lanes. */
async function inLanes(runs: readonly Run[], lanes: number, told: (outcome: Outcome) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = [...runs];
  const lane = async () => {
    for (let run = left.shift(); run; run = left.shift()) {
      const outcome = await runOnce(run);
      outcomes.push(outcome);
      told(outcome);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return outcomes;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      store: { type: "string", default: "sqlite" },
      seeds: { type: "string", default: "1" },
      first: { type: "string", default: "1" },
      lanes: { type: "string" },
      tale: { type: "string", multiple: true },
      write: { type: "boolean", default: false },
    },
  });
  const stores = STORES[values.store as keyof typeof STORES];
  const [seeds, first] = [Number(values.seeds), Number(values.first)];
  const names = TALE_NAMES.filter((name) => !values.tale || values.tale.includes(name));
  if (!stores || !(seeds >= 1) || !(first >= 1) || names.length === 0) throw new Error(USAGE);
  // What is compiled once serves every life.
  const cache = mkdtempSync(join(tmpdir(), "ebb-kill-cache-"));
  process.env.NODE_COMPILE_CACHE = cache;
  const matrices: Matrix[] = [];
  try {
    for (const store of stores) matrices.push(await matrix(store, names, { first, seeds, lanes: values.lanes }));
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
  const [table, lines] = [report(matrices), summary(matrices).join("\n")];
  console.log(`\n${table}\n\n${lines}`);
  if (matrices.some(failed)) process.exitCode = 1;
  const flags = process.argv.slice(2).filter((one) => one !== "--write");
  const file = values.store === "both" ? "kill.md" : `kill-${values.store}.md`;
  if (values.write)
    writeFileSync(join(PAGES, file), page(["npm run prove:kill --", ...flags].join(" "), `${table}\n\n${lines}`));
}

async function matrix(
  store: Run["store"],
  names: readonly string[],
  { first, seeds, lanes }: { first: number; seeds: number; lanes: string | undefined },
): Promise<Matrix> {
  const server = store === "postgres" && !process.env.EBB_TEST_POSTGRES ? await startPostgres() : undefined;
  if (server) process.env.EBB_TEST_POSTGRES = server.url;
  const last = first + seeds - 1;
  const width = Number(lanes ?? availableParallelism() * (server ? 2 : 1));
  const outcomes: Outcome[] = [];
  try {
    if (first === 1) outcomes.push(...(await everyWrite(store, names, width)));
    const runs: Run[] = [];
    for (let seed = Math.max(2, first); seed <= last; seed++) runs.push(drawn(store, names, seed));
    outcomes.push(...(await inLanes(runs, width, tell)));
    const whole = first === 1 && names.length === TALE_NAMES.length;
    return { store, seeds, outcomes, whole };
  } finally {
    await server?.stop();
    if (server) delete process.env.EBB_TEST_POSTGRES;
  }
}

/** Every tale of its own; those that come last are only about what the others have not come to. */
async function everyWrite(store: Run["store"], names: readonly string[], lanes: number): Promise<Outcome[]> {
  const outcomes = await inLanes(
    everyPoint(
      store,
      names.filter((name) => !TALES[name]?.last),
    ),
    lanes,
    tell,
  );
  const folder = mkdtempSync(join(tmpdir(), "ebb-kill-places-"));
  try {
    const elsewhere = join(folder, "killed");
    writeFileSync(elsewhere, killedIn(outcomes).join("\n"));
    const last = everyPoint(
      store,
      names.filter((name) => TALES[name]?.last),
      elsewhere,
    );
    return [...outcomes, ...(await inLanes(last, lanes, tell))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell({ run, lives, problems }: Outcome): void {
  const what = `${run.store} seed ${run.seed} ${run.tales.join(" + ")}`;
  console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${what}: ${lives} lives`);
  for (const { kind, text } of problems.slice(0, 10)) console.log(`     ${kind}: ${text}`);
}

await main();
