import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Effort, nameOf } from "./tasks.ts";
import type { Done } from "./worker.ts";

const DOCS = join(import.meta.dirname, "../../docs/proof");

const COVERS = { all: "all", delays: "delayed", some: "in part" };

export function show({ task, cover, schedules, longest, failed }: Done): void {
  console.log(`${nameOf(task).padEnd(64)} ${String(schedules).padStart(6)} ${COVERS[cover]}, up to ${longest} steps`);
  for (const { broken, trace, path } of failed) {
    console.log(`  BROKEN ${broken.join("\n         ")}`);
    console.log(`  after  ${trace.join(", ")}`);
    console.log(`  path   ${path.join(",")}`);
  }
}

const sum = (done: readonly Done[]): number => done.reduce((total, one) => total + one.schedules, 0);

export function lastLine(done: readonly Done[], seed: number): string {
  const pairs = done.filter(({ task }) => task.kind === "pair");
  const figures = {
    pairs: pairs.length,
    whole: pairs.filter((one) => one.cover === "all").length,
    triples: done.length - pairs.length,
    schedules: sum(done),
    broken: done.reduce((total, one) => total + one.failed.length, 0),
    seed,
  };
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

export interface Report {
  effort: Effort;
  seed: number;
  deep: boolean;
  line: string;
}

export function writeReport(done: readonly Done[], { effort, seed, deep, line }: Report): void {
  const rows = done
    .filter(({ task }) => task.kind === "pair")
    .toSorted((a, b) => nameOf(a.task).localeCompare(nameOf(b.task)))
    .map((one) => `| ${nameOf(one.task)} | ${one.schedules} | ${COVERS[one.cover]} | ${one.longest} |`);
  const triples = done.filter(({ task }) => task.kind === "triple");
  const text = `# Race matrix

\`\`\`console
$ npm run prove:race -- --seed ${seed}${deep ? " --deep" : ""}
${line}
\`\`\`

Every order in which the durable writes of two actors can come, on the real kernel with the services' own handlers over the
simulated world. An actor is a request, a walk of an operation, the runner that claims, a second process, or a kill; a write
of any of them is one step, and one step is let through at a time. Each order is a schedule, run from a fresh state to rest.

After every commit: a resource has at most one running operation, and one delete; nothing lives under a gone parent, nothing
is created inside what is being deleted; no guard of a running operation finds a blocker; what is gone holds and runs nothing;
what is in the world is held, and was made once; no accepted operation vanishes, goes back, or changes after its end; fences
grow; every state follows from the one before by its kind's table. At rest: every operation has ended and every lease is let
go; what is held and what is in the world are the same; the full scan finds nothing; every request was answered, with success
or a refusal of the service's own; what a stopped process writes late is turned away.

\`killed\`: the process stops for ever at any step and another starts on its store. \`overtaken\`: its leases run out at any
step, another process starts beside it, and both go on. \`beside\`: the same, with both there from the beginning.
\`all\`: every schedule there is. \`delayed\`: of a scenario with more than about ${effort.most.sqlite.schedules} schedules (PostgreSQL: ${effort.most.postgres.schedules}), every one that
departs from the order of arrival at most ${effort.delays === 1 ? "once" : `${effort.delays} times`}. \`in part\`: as many of those as fit into ${effort.most.sqlite.steps} steps
(${effort.most.postgres.steps}). Besides these pairs, ${triples.length} scenarios of three actors with ${sum(triples)} schedules by chance.

| actors | schedules | which | steps |
|---|---|---|---|
${rows.join("\n")}
`;
  mkdirSync(DOCS, { recursive: true });
  writeFileSync(join(DOCS, "race.md"), text);
}
