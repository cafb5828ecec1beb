import type { Clock } from "../clock.ts";
import type { Domain, Drivers, Marked } from "../drivers/port.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import { BadDump, checkDump, clearTables, dump, loadDump } from "../store/index.ts";
import type { Desk } from "./desk.ts";
import { refuse } from "./dialect.ts";
import { type SnapshotFile, SnapshotFiles } from "./snapshot-files.ts";

export interface SnapshotHouse {
  lifecycle: Lifecycle;
  clock: Clock;
  drivers: Drivers;
  real: readonly Domain[];
  dataDir: string;
  refresh: Desk["refresh"];
}

/** Of many things, the first say enough. */
const SAID = 5;

/** Keeps the whole state in files, and puts it back. One at a time. */
export class Snapshots {
  readonly #house: SnapshotHouse;
  readonly #files: SnapshotFiles;
  #last: Promise<unknown> = Promise.resolve();

  constructor(house: SnapshotHouse) {
    this.#house = house;
    this.#files = new SnapshotFiles(house.dataDir);
  }

  list(): SnapshotFile[] {
    return this.#files.list();
  }

  save(name: string): Promise<SnapshotFile & { rows: number }> {
    return this.#alone(async () => {
      const { lifecycle, clock } = this.#house;
      const { rows } = await this.#files.write(name, (put) => dump(lifecycle.store, clock.now(), put));
      return { ...this.#files.describe(name), rows };
    });
  }

  /** Puts the state of the snapshot in the place of the present one. A file that is not whole or does not fit changes nothing. */
  load(name: string): Promise<SnapshotFile> {
    this.#mustBe(name);
    return this.#alone(async () => {
      const { lifecycle, refresh } = this.#house;
      const { store, runner, time } = lifecycle;
      const { lines, close } = this.#files.open(name);
      try {
        await checkDump(store, lines()).catch((error: unknown) => {
          throw error instanceof BadDump ? refuse.conflict(`snapshot ${name} is not loaded: ${error.message}`) : error;
        });
        await this.#mustBeEmpty();
        const load = async () => {
          await store.write("load", (tx) => loadDump(store, tx, lines()));
          await refresh.clock();
          await refresh.accounts();
          await refresh.state();
        };
        await time.alone(() => runner.quiet(load));
      } finally {
        close();
      }
      return this.#files.describe(name);
    });
  }

  remove(name: string): void {
    this.#mustBe(name);
    this.#files.remove(name);
  }

  /** Back to an empty cloud: no resource, no fault, no pace. Accounts, tokens and the clock stay as they are. */
  reset(): Promise<void> {
    return this.#alone(async () => {
      await this.#mustBeEmpty();
      const { lifecycle, refresh } = this.#house;
      const { store, runner, time } = lifecycle;
      const reset = async () => {
        await store.write("reset", async (tx) => {
          await clearTables(store, tx, (table) => !table.startsWith("iam_") && table !== "house");
          await tx.run("DELETE FROM house WHERE name <> 'clock'");
        });
        await refresh.state();
      };
      await time.alone(() => runner.quiet(reset));
    });
  }

  /** What is real stays when its rows go, and nobody would know of it any more. */
  async #mustBeEmpty(): Promise<void> {
    const { drivers, real } = this.#house;
    for (const domain of real) {
      const marked = await drivers[domain].marked().catch((error: unknown): Marked[] => {
        const why = error instanceof Error ? error.message : String(error);
        throw refuse.conflict(`the real ${domain} cannot be looked at: ${why}`, "put that right first");
      });
      const refs = marked.map(({ ref }) => ref);
      if (refs.length > 0)
        throw refuse.conflict(
          `real ${domain} would be left behind: ${refs.slice(0, SAID).join(", ")}${refs.length > SAID ? ", ..." : ""}`,
          "tear down what they belong to first: ebb rm --cascade --project",
        );
    }
  }

  #mustBe(name: string): void {
    if (!this.#files.has(name))
      throw refuse.notFound(`there is no snapshot ${name}`, "ebb snapshot list shows what there is");
  }

  #alone<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
