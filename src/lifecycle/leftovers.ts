import type { OperationRow, ResourceRow, Session } from "../store/index.ts";
import { type Operation, toOperation } from "./operations.ts";
import { type Resource, toResource } from "./resources.ts";

/** At most so many of each are named; the counts are whole. */
const NAMED = 1_000;

/** What somebody has made since the store was empty, and what of it is still there. */
export interface Leftovers {
  /** How many of each kind were made, gone ones included. */
  created: { kind: string; count: number }[];
  left: Resource[];
  leftCount: number;
  unfinished: Operation[];
}

/** @param furniture who makes what belongs to the house: that is not counted */
export async function listLeftovers(session: Session, furniture: string): Promise<Leftovers> {
  const created = await session.all<{ kind: string; count: number }>(
    "SELECT kind, count(*) AS count FROM resources WHERE created_by <> ? GROUP BY kind ORDER BY kind",
    [furniture],
  );
  const left = await session.all<ResourceRow>(
    `SELECT * FROM resources WHERE created_by <> ? AND gone_at IS NULL ORDER BY seq LIMIT ${NAMED}`,
    [furniture],
  );
  const count = await session.get<{ n: number }>(
    "SELECT count(*) AS n FROM resources WHERE created_by <> ? AND gone_at IS NULL",
    [furniture],
  );
  const unfinished = await session.all<OperationRow>(
    `SELECT * FROM operations WHERE state = 'running' ORDER BY accepted_at, id LIMIT ${NAMED}`,
  );
  return {
    created,
    left: left.map(toResource),
    leftCount: count?.n ?? 0,
    unfinished: unfinished.map(toOperation),
  };
}
