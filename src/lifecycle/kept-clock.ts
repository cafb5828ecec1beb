import { type ClockState, forward, isFrozen, type MovableClock } from "../clock.ts";
import { readHouse, type Store, writeHouse } from "../store/index.ts";

const NAME = "clock";

/** A clock's state as it is kept. The version grows with each change: a lower one tells that the whole store was replaced. */
type Kept = { version: number } & ({ frozen_at: number } | { ahead_ms: number });

const toState = (kept: Kept): ClockState =>
  "frozen_at" in kept ? { frozenAt: kept.frozen_at } : { ahead: kept.ahead_ms };

const toKept = (state: ClockState, version: number): Kept =>
  isFrozen(state) ? { version, frozen_at: state.frozenAt } : { version, ahead_ms: state.ahead };

const parse = (text: string | undefined): Kept | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as Kept);

/**
 * Keeps a process's clock in step with the store: what was frozen or moved stays so after a restart, and in every process
 * on the store. Until something is kept the clock stands as it was handed in. In no process does time run backwards,
 * unless the whole store was put back to an earlier time.
 */
export class KeptClock {
  readonly clock: MovableClock;
  readonly #store: Store;
  readonly #given: ClockState;
  /** What this process took on last. */
  #text: string | undefined;

  constructor(store: Store, clock: MovableClock) {
    this.#store = store;
    this.clock = clock;
    this.#given = clock.state;
  }

  get #version(): number {
    return parse(this.#text)?.version ?? 0;
  }

  /** Takes on what the store has. @param anew another state has taken the place of the whole store: time may go back */
  async load(anew = false): Promise<void> {
    const before = this.#text;
    const text = await this.#store.read((session) => readHouse(session, NAME));
    // Changed here while it was read: that is newer.
    if (!anew && (text === before || this.#text !== before)) return;
    const kept = parse(text);
    const replaced = anew || (kept?.version ?? 0) <= this.#version;
    this.#text = text;
    const state = kept ? toState(kept) : this.#given;
    if (replaced) this.clock.restore(state);
    else this.clock.set(state);
  }

  /** Moves time forward by `ms`; the store has it before anything here falls due. */
  move(ms: number): Promise<void> {
    return this.#keep((state) => forward(state, ms));
  }

  async freeze(): Promise<void> {
    const before = this.clock.state;
    // Here at once, so that nothing happens at a time that is later than the one that is kept.
    this.clock.freeze();
    await this.#keep(() => ({ frozenAt: this.clock.now() })).catch((error: unknown) => {
      this.clock.set(before);
      throw error;
    });
  }

  /** Time goes on from where it stands. */
  resume(): Promise<void> {
    return this.#keep((state) => (isFrozen(state) ? { ahead: state.frozenAt - this.clock.machine() } : state));
  }

  async #keep(change: (state: ClockState) => ClockState): Promise<void> {
    const { text, next } = await this.#store.write("clock", async (tx) => {
      await tx.lock(NAME);
      const kept = parse(await readHouse(tx, NAME));
      const now = kept ? this.clock.notBefore(toState(kept)) : this.clock.state;
      const changed = toKept(change(now), (kept?.version ?? 0) + 1);
      const written = { next: toState(changed), text: JSON.stringify(changed) };
      await writeHouse(tx, NAME, written.text);
      await tx.notify();
      return written;
    });
    this.#text = text;
    this.clock.set(next);
  }
}
