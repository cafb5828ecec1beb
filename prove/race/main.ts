import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startPostgres } from "../../test/postgres.ts";
import { lastLine, show, writeReport } from "./report.ts";
import { STAGES } from "./stages/index.ts";
import { DEEP, planOf, type Task, USUAL } from "./tasks.ts";
import type { Done, Orders } from "./worker.ts";

/**
 * `npm run prove:race`: every order in which the durable writes of two actors can come, and some of three, on the real
 * kernel and the services' own handlers. Exits with 1 when a promise is broken in any.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    deep: { type: "boolean", default: false },
    stage: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

const WORKERS_MOST = 8;
const WORKER = join(import.meta.dirname, "worker.ts");

/** Hands out the tasks, one at a time, to as many processes as there are processors. */
async function explore(tasks: Task[], orders: Orders): Promise<Done[]> {
  const done: Done[] = [];
  const left = [...tasks];
  const work = (): Promise<void> => {
    const worker = fork(WORKER, [JSON.stringify(orders)]);
    worker.on("message", (one: Done) => {
      done.push(one);
      show(one);
      worker.send(left.shift() ?? "end");
    });
    worker.send(left.shift() ?? "end");
    return new Promise((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
    });
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), WORKERS_MOST, tasks.length) }, work));
  return done;
}

async function main(): Promise<void> {
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`--seed ${values.seed} is not a whole number`);
  const stages = STAGES.filter((one) => values.stage === undefined || one.name === values.stage);
  if (stages.length === 0)
    throw new Error(`--stage ${values.stage} is none of ${STAGES.map((one) => one.name).join(", ")}`);
  const effort = values.deep ? DEEP : USUAL;
  const server = process.env.EBB_TEST_POSTGRES === undefined ? await startPostgres() : undefined;
  if (server) process.env.EBB_TEST_POSTGRES = server.url;
  try {
    const tasks = planOf(stages, effort, seed);
    const done = await explore(tasks, { effort, seed });
    const line = lastLine(done, seed);
    if (values.write) writeReport(done, { effort, seed, deep: values.deep, line });
    console.log(line);
    if (done.some((one) => one.failed.length > 0)) process.exitCode = 1;
  } finally {
    await server?.stop();
  }
}

await main();
