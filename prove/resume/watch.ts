import type { StoreAddress } from "../../src/store/index.ts";
import { peek } from "../../test/kill/process.ts";
import { TAKES_MS } from "./figures.ts";

const LOOK_EVERY_MS = 500;

const DELETES = "SELECT id, state, due_at, performed, finished_at FROM operations WHERE verb = 'delete'";

interface Row {
  id: string;
  state: string;
  due_at: number | string;
  performed: number;
  finished_at: number | string | null;
}

/** One delete as the kill left it. */
interface Left {
  /** Virtual ms. */
  due: number;
  begun: boolean;
}

/** Looks into the store, past Ebb: what the kill left, and when each of it has moved by the times that Ebb wrote down with it. */
export class Watch {
  readonly #store: StoreAddress;
  readonly #left = new Map<string, Left>();
  /** By delete: when it moved, virtual ms. */
  readonly #moved = new Map<string, number>();
  /** Deletes that are not over. */
  unfinished = 0;

  constructor(store: StoreAddress) {
    this.#store = store;
  }

  /** While the process is dead. */
  async note(): Promise<void> {
    for (const { id, due_at, performed } of await peek<Row>(this.#store, DELETES))
      this.#left.set(id, { due: Number(due_at), begun: Boolean(performed) });
  }

  /** Looks until every delete is over, or the time is. */
  async run(withinMs: number): Promise<void> {
    for (const end = performance.now() + withinMs; performance.now() < end; ) {
      await this.#look();
      if (this.unfinished === 0) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /**
   * How late each moved, in ms, after `answered` (virtual ms) or its due time. One that had been begun has moved when its
   * step was done; one that had not, when the world was asked to unmake it, which it then waits for.
   */
  late(answered: number): { late: number[]; waiting: number } {
    const from = (one: Left) => Math.max(answered, one.due);
    const late = [...this.#left].map(([id, one]) => Math.max(0, (this.#moved.get(id) ?? Infinity) - from(one)));
    return { late, waiting: [...this.#left.values()].filter((one) => from(one) === answered).length };
  }

  async #look(): Promise<void> {
    const rows = await peek<Row>(this.#store, DELETES);
    this.unfinished = rows.filter((row) => row.state !== "done").length;
    for (const { id, state, due_at, performed, finished_at } of rows) {
      if (this.#moved.has(id)) continue;
      if (state === "done") this.#moved.set(id, Number(finished_at));
      else if (performed && !this.#left.get(id)?.begun) this.#moved.set(id, Number(due_at) - TAKES_MS);
    }
  }
}
