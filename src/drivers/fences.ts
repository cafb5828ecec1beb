import type { Clock } from "../clock.ts";
import type { Store } from "../store/index.ts";
import { Refusal, type Stamp } from "./port.ts";

/** How long the fence of a thing is remembered after the last call on it (virtual ms). */
const REMEMBERED_MS = 24 * 3_600_000;

/**
 * Remembers the highest fence under which each real thing was called for: machines that know of no fence cannot. A call is
 * let through before it is made, so that one that hangs and comes late is turned away by its own driver, not by the machine.
 */
export class Fences {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws Refusal when a younger owner has called for the thing */
  async pass(ref: string, { fence }: Stamp): Promise<void> {
    const now = this.#clock.now();
    await this.#store.write("driver-fence", async (tx) => {
      const passed = await tx.run(
        `INSERT INTO driver_fences (ref, fence, called_at) VALUES (?, ?, ?)
           ON CONFLICT (ref) DO UPDATE SET fence = excluded.fence, called_at = excluded.called_at
           WHERE driver_fences.fence <= excluded.fence`,
        [ref, fence, now],
      );
      if (passed === 0)
        throw new Refusal(`${ref} was touched under a higher fence than this call's ${fence}`, {
          owner: "Ebb",
          hint: "another process has taken over: nothing to do",
        });
      await tx.run("DELETE FROM driver_fences WHERE called_at < ?", [now - REMEMBERED_MS]);
    });
  }
}
