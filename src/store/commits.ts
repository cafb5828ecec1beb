import type { Point } from "./points.ts";
import type { WriteHooks } from "./store.ts";

/** Tells whoever waits in this process that something has become durable. */
export class Commits {
  readonly #hearers = new Set<(points: readonly Point[]) => void>();

  /** Hooks for a store that tell the hearers, beside what `hooks` do. */
  around(hooks: WriteHooks = {}): WriteHooks {
    const { written } = hooks;
    return {
      ...(written ? { written: (point, session) => written.call(hooks, point, session) } : {}),
      beforeCommit: (points, session) => hooks.beforeCommit?.(points, session),
      afterCommit: (points, session) => {
        hooks.afterCommit?.(points, session);
        for (const hear of this.#hearers) hear(points);
      },
      atCheckpoint: (stage) => hooks.atCheckpoint?.(stage),
    };
  }

  /** Calls `hear` after each commit, with the names of its writes. It may not throw, nor take long. Answers how to stop. */
  listen(hear: (points: readonly Point[]) => void): () => void {
    this.#hearers.add(hear);
    return () => this.#hearers.delete(hear);
  }
}
