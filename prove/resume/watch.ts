import type { StoreAddress } from "../../src/store/index.ts";
import { peek } from "../../test/kill/process.ts";
import { type Figures, GIVEN_BACK_MS, type Spread } from "./figures.ts";

const LOOK_EVERY_MS = 20;

export interface Watched {
  deletes: number;
  /** Sum of the fences at the kill: each claim adds one. */
  before: number;
  /** By when every delete was due, in virtual ms. */
  due: number;
  /** Ms that virtual time is ahead of the machine's clock. */
  ahead: number;
  /** When the process answered, in ms since the epoch. */
  since: number;
}

/** Looks into the store, past Ebb, at how many deletes have moved. */
export class Watch {
  readonly #store: StoreAddress;
  readonly #watched: Watched;
  /** How many had been claimed, and when. */
  readonly #claimed: { at: number; count: number }[] = [];

  constructor(store: StoreAddress, watched: Watched) {
    this.#store = store;
    this.#watched = watched;
  }

  /** Until each has moved, or the time is over. */
  async run(withinMs: number): Promise<void> {
    const { before, since, due } = this.#watched;
    const look = `SELECT (SELECT sum(fence) FROM operations WHERE verb = 'delete') AS fences,
      (SELECT count(*) FROM operations WHERE verb = 'delete' AND state = 'running' AND due_at <= ${due}) AS left_over`;
    for (;;) {
      const [row] = await peek<{ fences: number | string; left_over: number | string }>(this.#store, look);
      const at = Date.now() - since;
      this.#claimed.push({ at, count: Number(row?.fences ?? 0) - before });
      if (Number(row?.left_over) === 0 || at > withinMs) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** The moments of the steps are those that the process wrote down with them. */
  async spreads(): Promise<Pick<Figures, "claim" | "step">> {
    const { ahead, since } = this.#watched;
    // What the kill had kept from beginning is parked now until it is given back, and began that long before.
    const rows = await peek<{ at: number | string }>(
      this.#store,
      `SELECT CASE WHEN state = 'done' THEN finished_at ELSE due_at - ${GIVEN_BACK_MS} END AS at
         FROM operations WHERE verb = 'delete' ORDER BY 1`,
    );
    return { claim: this.#claims(), step: spread(rows.map((row) => Math.max(0, Number(row.at) - ahead - since))) };
  }

  /** How many have not ended. */
  async lost(): Promise<number> {
    const ended = "SELECT count(*) AS n FROM operations WHERE verb = 'delete' AND state = 'done'";
    const [row] = await peek<{ n: number | string }>(this.#store, ended);
    return this.#watched.deletes - Number(row?.n ?? 0);
  }

  #claims(): Spread {
    const { deletes } = this.#watched;
    const when = (share: number) => this.#claimed.find((one) => one.count >= deletes * share)?.at ?? Infinity;
    return { p50: when(0.5), p99: when(0.99), last: when(1) };
  }
}

function spread(moments: readonly number[]): Spread {
  const at = (share: number) => moments[Math.min(moments.length, Math.ceil(moments.length * share)) - 1] ?? Infinity;
  return { p50: at(0.5), p99: at(0.99), last: at(1) };
}
