/** Ms from the first answered request, so many per cent of the deletes having moved. */
export interface Spread {
  p50: number;
  p99: number;
  last: number;
}

export interface Figures {
  store: "sqlite" | "postgres";
  deletes: number;
  /** Until the restarted process had claimed them anew. */
  claim: Spread;
  /** Until a step of each was done, on disk. */
  step: Spread;
  /** From the process's start to its first answer, with the deletes in its store. */
  startMs: number;
  /** Deletes that did not end. */
  lost: number;
}

/** What giving back an endpoint's reservation takes at the default pace (virtual ms). */
export const GIVEN_BACK_MS = 30_000;
