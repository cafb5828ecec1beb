import { parseArgs } from "node:util";
import { startPostgres } from "../../test/postgres.ts";
import { type Figures, TAKES_MS } from "./figures.ts";
import { lineOf, summaryOf, writeReport } from "./report.ts";
import { resume } from "./resume.ts";

/**
 * `npm run prove:resume`: how long, after a kill in the middle of many deletes, until each of them moves again. Exits with 1
 * when that is too long, or when one is lost. Told twice: with the deletes spread over the world's time, which the promise is
 * about, and with all of them due at the same moment; `--over` chooses one.
 */
const MOST_MS = 2_000;

const { values } = parseArgs({
  options: {
    deletes: { type: "string", default: "10000" },
    over: { type: "string" },
    store: { type: "string" },
    profile: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

function asked(name: "deletes" | "over", least: number, most: number): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < least || number > most)
    throw new Error(`--${name} ${values[name]} is not a number from ${least} to ${most}`);
  return number;
}

async function main(): Promise<void> {
  const deletes = asked("deletes", 1, 100_000);
  const overs = values.over === undefined ? [TAKES_MS, 0] : [asked("over", 0, TAKES_MS / 1000) * 1000];
  const kinds = (["sqlite", "postgres"] as const).filter((kind) => values.store === undefined || values.store === kind);
  if (kinds.length === 0) throw new Error(`--store ${values.store} is neither sqlite nor postgres`);
  const figures: Figures[] = [];
  for (const over of overs) for (const kind of kinds) figures.push(await on(kind, { deletes, over }));
  if (values.write) writeReport(figures, process.argv.slice(2));
  for (const one of figures) {
    console.log(lineOf(one));
    if (one.lost > 0 || (one.over > 0 && one.late.p99 > MOST_MS)) process.exitCode = 1;
  }
  console.log(summaryOf(figures));
}

async function on(kind: "sqlite" | "postgres", what: { deletes: number; over: number }): Promise<Figures> {
  const server = kind === "postgres" && process.env.EBB_TEST_POSTGRES === undefined ? await startPostgres() : undefined;
  if (server) process.env.EBB_TEST_POSTGRES = server.url;
  process.env.EBB_TEST_STORE = kind;
  try {
    return await resume(kind, { ...what, profile: values.profile });
  } finally {
    await server?.stop();
    if (server) delete process.env.EBB_TEST_POSTGRES;
  }
}

await main();
