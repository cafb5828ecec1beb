import { LIFECYCLE_POINTS, WORLD_POINTS } from "../../src/store/index.ts";
import type { Problem } from "./journal.ts";
import type { Outcome } from "./run.ts";

export interface Matrix {
  store: string;
  seeds: number;
  outcomes: readonly Outcome[];
  /** Every tale was told with a kill at each of its writes. */
  whole: boolean;
}

const PROBLEMS: readonly Problem[] = ["lost", "leaked", "doubled", "broken"];

/** Where processes were killed: `before step clouddc.instance.delete@end done`. */
export const killedIn = (outcomes: readonly Outcome[]): string[] =>
  outcomes.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.is === "killed" ? entry.labels.map((label) => `${entry.when} ${label}`) : [])),
  );

const pointOf = (label: string): string => label.split(" ", 1)[0] ?? "";

/** Every durable write that the first seed has shown, or all seeds where the first was left out. */
function points({ outcomes, whole }: Matrix): string[] {
  const seen = new Set<string>();
  for (const { entries } of outcomes.filter(({ run }) => !whole || run.seed === 1))
    for (const entry of entries) if (entry.is === "seen") seen.add(entry.label);
  return [...seen].toSorted();
}

/** What a whole matrix has to have done, and has not. */
export function gaps(matrix: Matrix): string[] {
  if (!matrix.whole) return [];
  const killed = new Set(killedIn(matrix.outcomes));
  const visited = new Set(points(matrix).map(pointOf));
  const never = [...LIFECYCLE_POINTS, ...WORLD_POINTS].filter((one) => !visited.has(one));
  const sides = (["before", "after"] as const).flatMap((when) => points(matrix).map((one) => `${when} ${one}`));
  return [
    ...never.map((one) => `no tale comes to the write ${one}`),
    ...sides.filter((one) => !killed.has(one)).map((one) => `never killed ${one}`),
  ];
}

export const failed = (matrix: Matrix): boolean =>
  matrix.outcomes.some(({ problems }) => problems.length > 0) || gaps(matrix).length > 0;

const row = (name: string, cells: readonly string[]): string =>
  name.padEnd(16) + cells.map((one) => one.padStart(10)).join("");

/** How many places there are of each kind of write, on each store. */
export function report(matrices: readonly Matrix[]): string {
  const counts = matrices.map((matrix) => Map.groupBy(points(matrix), pointOf));
  const names = [...new Set(counts.flatMap((one) => [...one.keys()]))].toSorted();
  return [
    row(
      "write",
      matrices.map((one) => one.store),
    ),
    ...names.map((name) =>
      row(
        name,
        counts.map((one) => String(one.get(name)?.length ?? 0)),
      ),
    ),
    ...matrices.flatMap(gaps),
  ].join("\n");
}

interface Figures {
  points: number;
  kills: number;
  problems: Record<Problem, number>;
}

function figuresOf(matrix: Matrix): Figures {
  const found = matrix.outcomes.flatMap(({ problems }) => problems.map(({ kind }) => kind));
  const count = (kind: Problem) => found.filter((one) => one === kind).length;
  return {
    points: points(matrix).length,
    kills: matrix.outcomes.flatMap(({ entries }) => entries.filter((one) => one.is === "killed")).length,
    problems: { lost: count("lost"), leaked: count("leaked"), doubled: count("doubled"), broken: count("broken") },
  };
}

/** A line for each store; the last one is of all of them. */
export function summary(matrices: readonly Matrix[]): string[] {
  const line = (store: string, some: readonly Matrix[]) => {
    const all = some.map(figuresOf);
    const sum = (of: (one: Figures) => number) => all.reduce((total, one) => total + of(one), 0);
    const verdicts = PROBLEMS.map((kind) => `${kind}=${sum((one) => one.problems[kind])}`);
    const seeds = Math.max(...some.map((one) => one.seeds));
    return [
      `store=${store} points=${sum((one) => one.points)} seeds=${seeds} kills=${sum((one) => one.kills)}`,
      ...verdicts,
    ].join(" ");
  };
  const each = matrices.map((one) => line(one.store, [one]));
  return each.length > 1 ? [...each, line("both", matrices)] : each;
}

/** The page of docs/proof. */
export const page = (command: string, text: string): string => `# The kill matrix

The promise: killed at any durable write, Ebb goes on after a restart. Nothing that was accepted is lost, nothing that was made
is left over, and nothing is done twice that must happen once.

A process tells the stories of every kind of every service, from creation to deletion, at the handlers of the services:
also with everything taken down at once, with every step of the deletes skipped and its leaks reclaimed, with every step
failing for good, with a disk that takes no write, and with deletes that overtake what runs. It is killed (\`SIGKILL\`) inside
the store, once the statements of a write have run and before its commit, and again after the commit, before anybody hears of it. Then
another process starts on the same store, and the client asks again where its answer was lost. So it goes on, from kill to kill, and
recoveries are killed too. A write is told from another by what it moves: which verb of which kind, at which step.

Seed 1 kills before and after every one of these writes. Each further seed mixes the stories, and draws the pace of the world, how
far things have come when they are deleted, and where each process is killed. At the end of each run:

- everything that a client was told is accepted has ended, and no operation runs (else \`lost\`);
- no holding is open, no thing is in the world, no lease, link or alarm is left; and once the time of being readable is over, no
  table has a row but the inventory's, the accounts' and the clock's (else \`leaked\`);
- each thing was made once for each time that it was held, each change was begun once, each operation has one end, each
  resource one delete and each delete one receipt, in a chain that verifies (else \`doubled\`);
- the store opens and is sound, every write has a name that is on a list, every name on the list was come to, and nothing has changed the
  file of the embedded store but such a write (else \`broken\`).

\`\`\`console
$ ${command}
${text}
\`\`\`
`;
