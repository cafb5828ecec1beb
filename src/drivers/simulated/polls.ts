import type { Session, SimThingRow, Store } from "../../store/index.ts";
import { listPaces } from "./paces.ts";

/** Resources of which something in the world waits for clients to ask. */
export async function listPolled(session: Session): Promise<string[]> {
  const rows = await session.all<Pick<SimThingRow, "resource_id">>(
    "SELECT DISTINCT resource_id FROM sim_things WHERE polls > 0",
  );
  return rows.map((row) => row.resource_id);
}

/** Counts that a client has asked after these resources once. Answers those of which something is over by that. */
export async function countPoll(tx: Session, resourceIds: readonly string[], now: number): Promise<string[]> {
  if (resourceIds.length === 0) return [];
  const rows = await tx.all<Pick<SimThingRow, "resource_id" | "polls">>(
    `UPDATE sim_things SET polls = polls - 1, until = CASE WHEN polls = 1 THEN CAST(? AS BIGINT) ELSE until END
       WHERE polls > 0 AND resource_id IN (${resourceIds.map(() => "?").join(", ")}) RETURNING resource_id, polls`,
    [now, ...resourceIds],
  );
  return [...new Set(rows.filter((row) => row.polls === 0).map((row) => row.resource_id))];
}

/** Knows whether polls count for anything at all, so that a request costs nothing more where they do not. */
export class PollWatch {
  #on = false;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Some kind goes by polls, or something in the world still waits for them. */
  get on(): boolean {
    return this.#on;
  }

  async refresh(): Promise<void> {
    this.#on = await this.#store.read(async (session) => {
      const paces = await listPaces(session);
      if ([...paces.values()].some(({ mode }) => mode === "polls")) return true;
      return (await session.get("SELECT 1 AS one FROM sim_things WHERE polls > 0 LIMIT 1")) !== undefined;
    });
  }
}
