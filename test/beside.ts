import type { Point, Session, WriteHooks } from "../src/store/index.ts";

const KEPT_WAITING =
  "SELECT count(*) AS held FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))";

export interface Meeting {
  hooks: WriteHooks;
  /** Holds the first write that `make` brings about, which has to make more than one at once. */
  of<T>(make: () => Promise<T>): Promise<T>;
}

/**
 * A write of `point` is held before its commit until another stands beside it: come as far, or kept waiting by its locks.
 * So the two meet for certain where the store lets them.
 */
export function besideAnother(point: Point): Meeting {
  let [open, come] = [false, 0];
  const stands = async (session: Session) =>
    come > 1 || ((await session.get<{ held: number }>(KEPT_WAITING))?.held ?? 0) > 0;
  return {
    hooks: {
      async written(at, session) {
        if (!open || at !== point || ++come > 1) return;
        // Where a write is alone anyway, none can stand beside it.
        while (session.forUpdate !== "" && !(await stands(session)));
      },
    },
    async of(make) {
      open = true;
      return make();
    },
  };
}
