import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startPostgres } from "../../test/postgres.ts";
import type { Mutation } from "./mutation.ts";
import { MUTATIONS } from "./mutations/index.ts";
import { page, type Result, summary } from "./report.ts";
import { runTests } from "./run.ts";
import { misfits, Tree } from "./tree.ts";

/**
 * The falsified guards: each guard and durability rule is broken by a named mutation of the source, in a copy of it, and
 * a named test must turn red.
 */
const USAGE = "usage: npm run prove:guards -- [--only TEXT] [--lanes N] [--write]";
const DOC = join(import.meta.dirname, "../../docs/proof/guards.md");

type Env = (one: Mutation) => NodeJS.ProcessEnv;

/** Takes the work one by one in so many lanes, each with a copy of its own. */
async function inLanes<T>(
  work: readonly T[],
  lanes: number,
  one: (tree: Tree, item: T) => Promise<void>,
): Promise<void> {
  const left = [...work];
  const lane = async () => {
    const tree = new Tree();
    try {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await one(tree, item);
    } finally {
      tree.remove();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

const keyOf = ({ test: [file], store }: Mutation) => `${file} ${store ?? ""}`;

/** Every test must be green while nothing is broken. Answers what is not. */
async function notGreen(all: readonly Mutation[], lanes: number, env: Env): Promise<string[]> {
  const troubles: string[] = [];
  await inLanes([...Map.groupBy(all, keyOf).values()], lanes, async (tree, some) => {
    const [first] = some;
    if (!first) return;
    const [file] = first.test;
    const names = [...new Set(some.map(({ test: [, name] }) => name))];
    const { green, said } = await runTests(tree.folder, file, names, env(first));
    for (const name of names) {
      const verdict = green.get(name);
      if (verdict !== true)
        troubles.push(`${file}: "${name}" ${verdict === undefined ? "did not run" : `is red\n${said}`}`);
    }
  });
  return troubles;
}

async function breakEach(all: readonly Mutation[], lanes: number, env: Env): Promise<Result[]> {
  const results = new Map<Mutation, Result>();
  await inLanes(all, lanes, async (tree, mutation) => {
    const mend = tree.break(mutation);
    const [file, name] = mutation.test;
    const { green, said, timedOut, unfit } = await runTests(tree.folder, file, [name], env(mutation)).finally(mend);
    const verdict = green.get(name);
    // A file that cannot even be read is no verdict of its test.
    const red = timedOut || (verdict === false && !unfit);
    results.set(mutation, { mutation, red, timedOut });
    console.log(
      `${red ? "red     " : "SURVIVED"} ${mutation.name}: ${mutation.rule}${timedOut ? " (never ended)" : ""}`,
    );
    if (!red && verdict !== true) console.log(`         no verdict of its test: ${said}`);
  });
  return all.flatMap((one) => results.get(one) ?? []);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      lanes: { type: "string", default: "2" },
      write: { type: "boolean", default: false },
    },
  });
  const lanes = Number(values.lanes);
  const all = MUTATIONS.filter(({ name }) => name.includes(values.only ?? ""));
  if (!(lanes >= 1) || all.length === 0) throw new Error(USAGE);
  if (new Set(all.map(({ name }) => name)).size < all.length) throw new Error("two mutations have one name");
  const unfit = misfits(all);
  if (unfit.length > 0) throw new Error(unfit.join("\n"));
  const server = all.some(({ store }) => store === "postgres") ? await startPostgres() : undefined;
  const env: Env = ({ store }) =>
    store === "postgres"
      ? { EBB_TEST_STORE: "postgres", EBB_TEST_POSTGRES: server?.url }
      : { EBB_TEST_STORE: "sqlite" };
  try {
    const troubles = await notGreen(all, lanes, env);
    if (troubles.length > 0) throw new Error(`before anything is broken:\n${troubles.join("\n")}`);
    const results = await breakEach(all, lanes, env);
    console.log(summary(results));
    if (values.write) writeFileSync(DOC, page(results));
    if (results.some(({ red }) => !red)) process.exitCode = 1;
  } finally {
    await server?.stop();
  }
}

await main();
