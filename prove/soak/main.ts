import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { page, summary } from "./report.ts";
import { broken, soak } from "./soak.ts";

/**
 * The soak: months of virtual time, and as many deletes as asked for, with faults in force, in one process. At the end the
 * store must be as it was at the start, the world empty, and the memory where it was.
 */
const USAGE = "usage: npm run prove:soak -- [--deletes N] [--months N] [--seed N] [--write]";
const DOC = join(import.meta.dirname, "../../docs/proof/soak.md");

function numberOf(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(USAGE);
  return number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      deletes: { type: "string", default: "3000" },
      months: { type: "string", default: "24" },
      seed: { type: "string", default: "1" },
      write: { type: "boolean", default: false },
    },
  });
  const asked = { deletes: numberOf(values.deletes), months: numberOf(values.months), seed: numberOf(values.seed) };
  const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const folder = mkdtempSync(join(memory, "ebb-soak-"));
  try {
    const figures = await soak(folder, asked);
    const wrong = broken(figures);
    for (const line of wrong) console.log(`BROKEN  ${line}`);
    const last = summary(figures, asked);
    console.log(last);
    if (values.write) {
      mkdirSync(dirname(DOC), { recursive: true });
      writeFileSync(DOC, page(figures, last, process.argv.slice(2)));
    }
    if (wrong.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (globalThis.gc) await main();
else {
  const args = [...process.execArgv, "--expose-gc", import.meta.filename, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1;
}
