/** How late deletes moved, in ms of real time: so many per cent of them not later. */
export interface Spread {
  p50: number;
  p99: number;
  last: number;
}

export interface Figures {
  store: "sqlite" | "postgres";
  deletes: number;
  /** How long the deletes are spread over, in virtual ms. */
  over: number;
  /** From the first answer, or from when the world was done with it if that was later, until it had moved. */
  late: Spread;
  /** Deletes that were due before the first answer. */
  waiting: number;
  /** From the process's start to its first answer, with the deletes in its store. */
  startMs: number;
  /** Deletes that did not end. */
  lost: number;
}

/** What the world takes to give back what an endpoint holds (virtual ms). */
export const TAKES_MS = 120_000;

/** How much of that passes while nothing runs, for those that are first. */
export const DEAD_MS = 3_000;

export function spread(moments: readonly number[]): Spread {
  const sorted = moments.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length, Math.ceil(sorted.length * share)) - 1] ?? Infinity;
  return { p50: at(0.5), p99: at(0.99), last: at(1) };
}
