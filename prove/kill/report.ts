import { LIFECYCLE_POINTS, WORLD_POINTS } from "../../src/store/index.ts";
import type { Problem } from "./journal.ts";
import type { Outcome } from "./run.ts";

export interface Matrix {
  store: string;
  seeds: number;
  outcomes: readonly Outcome[];
}

const pointOf = (label: string): string => label.split(" ", 1)[0] ?? "";

/** Where processes were killed: `before step clouddc.instance.delete@end done`. */
export const killedIn = (outcomes: readonly Outcome[]): string[] =>
  outcomes.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.is === "killed" ? entry.labels.map((label) => `${entry.when} ${label}`) : [])),
  );

/** Every durable write that the runs have shown. */
function points({ outcomes }: Matrix): string[] {
  const seen = new Set<string>();
  for (const { entries } of outcomes) for (const entry of entries) if (entry.is === "seen") seen.add(entry.label);
  return [...seen].toSorted();
}

/** What a whole matrix has to have done, and has not. */
function gaps(matrix: Matrix): string[] {
  const killed = new Set(killedIn(matrix.outcomes));
  const visited = new Set(points(matrix).map(pointOf));
  const never = [...LIFECYCLE_POINTS, ...WORLD_POINTS].filter((one) => !visited.has(one));
  const sides = (["before", "after"] as const).flatMap((when) => points(matrix).map((one) => `${when} ${one}`));
  return [
    ...never.map((one) => `no tale comes to the write ${one}`),
    ...sides.filter((one) => !killed.has(one)).map((one) => `never killed ${one}`),
  ];
}

export const failed = (matrix: Matrix, whole: boolean): boolean =>
  matrix.outcomes.some(({ problems }) => problems.length > 0) || (whole && gaps(matrix).length > 0);

/** How often each kind of write was killed. */
export function report(matrix: Matrix, whole: boolean): string {
  const all = Map.groupBy(points(matrix), pointOf);
  const lines = [...all].map(([point, labels]) => `  ${point.padEnd(14)} ${String(labels.length).padStart(4)}`);
  return [`points on ${matrix.store}, by write:`, ...lines, ...(whole ? gaps(matrix) : [])].join("\n");
}

export function summary(matrix: Matrix): string {
  const { store, seeds, outcomes } = matrix;
  const kills = outcomes.reduce((sum, { entries }) => sum + entries.filter((one) => one.is === "killed").length, 0);
  const count = (kind: Problem) =>
    outcomes.reduce((sum, { problems }) => sum + problems.filter((one) => one.kind === kind).length, 0);
  const figures = { store, points: points(matrix).length, seeds, kills };
  const verdicts = { lost: count("lost"), leaked: count("leaked"), doubled: count("doubled"), broken: count("broken") };
  return Object.entries({ ...figures, ...verdicts })
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
