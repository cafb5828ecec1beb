import { parseArgs } from "node:util";
import { startPostgres } from "../../test/postgres.ts";
import type { Figures } from "./figures.ts";
import { lineOf, writeReport } from "./report.ts";
import { resume } from "./resume.ts";

/**
 * `npm run prove:resume`: how long, after a kill in the middle of many deletes, until each of them moves again. Exits with 1
 * when that is too long, or when one is lost.
 */
const MOST_MS = 2_000;

const { values } = parseArgs({
  options: {
    deletes: { type: "string", default: "10000" },
    store: { type: "string" },
    profile: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

function deletesAsked(): number {
  const deletes = Number(values.deletes);
  if (!Number.isSafeInteger(deletes) || deletes < 1)
    throw new Error(`--deletes ${values.deletes} is not a number above 0`);
  return deletes;
}

async function main(): Promise<void> {
  const deletes = deletesAsked();
  const kinds = (["sqlite", "postgres"] as const).filter((kind) => values.store === undefined || values.store === kind);
  if (kinds.length === 0) throw new Error(`--store ${values.store} is neither sqlite nor postgres`);
  const figures: Figures[] = [];
  for (const kind of kinds) figures.push(await on(kind, deletes));
  if (values.write) writeReport(figures, deletes);
  for (const one of figures) {
    console.log(lineOf(one));
    if (one.lost > 0 || one.step.p99 > MOST_MS || one.claim.p99 > MOST_MS) process.exitCode = 1;
  }
}

async function on(kind: "sqlite" | "postgres", deletes: number): Promise<Figures> {
  const server = kind === "postgres" && process.env.EBB_TEST_POSTGRES === undefined ? await startPostgres() : undefined;
  if (server) process.env.EBB_TEST_POSTGRES = server.url;
  process.env.EBB_TEST_STORE = kind;
  try {
    return await resume(kind, { deletes, profile: values.profile });
  } finally {
    await server?.stop();
  }
}

await main();
