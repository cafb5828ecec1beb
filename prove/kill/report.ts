import { LIFECYCLE_POINTS, WORLD_POINTS } from "../../src/store/index.ts";
import type { Problem, When } from "./journal.ts";
import type { Outcome } from "./run.ts";

export interface Matrix {
  store: string;
  seeds: number;
  outcomes: readonly Outcome[];
  ms: number;
}

const pointOf = (label: string): string => label.split(" ", 1)[0] ?? "";

/** Where processes were killed: labels, by side. */
function killed({ outcomes }: Matrix): Record<When, Set<string>> {
  const sides = { before: new Set<string>(), after: new Set<string>() };
  for (const { entries } of outcomes)
    for (const entry of entries)
      if (entry.is === "killed") for (const label of entry.labels) sides[entry.when].add(label);
  return sides;
}

/** Every durable write that the runs have shown. */
function points({ outcomes }: Matrix): string[] {
  const seen = new Set<string>();
  for (const { entries } of outcomes) for (const entry of entries) if (entry.is === "seen") seen.add(entry.label);
  return [...seen].toSorted();
}

/** What a whole matrix has to have done, and has not. */
function gaps(matrix: Matrix): string[] {
  const { before, after } = killed(matrix);
  const visited = new Set(points(matrix).map(pointOf));
  const never = [...LIFECYCLE_POINTS, ...WORLD_POINTS].filter((one) => !visited.has(one));
  return [
    ...never.map((one) => `no story comes to the write ${one}`),
    ...points(matrix)
      .filter((one) => !before.has(one))
      .map((one) => `never killed before ${one}`),
    ...points(matrix)
      .filter((one) => !after.has(one))
      .map((one) => `never killed after ${one}`),
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
