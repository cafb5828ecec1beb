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
  #looked = false;

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
    // Until then a process has no time of its own that could run backwards.
    const first = !this.#looked;
    this.#looked = true;
    const before = this.#text;
    const text = await this.#store.read((session) => readHouse(session, NAME));
    // Changed here while it was read: that is newer.
    if (!anew && (text === before || this.#text !== before)) return;
    const kept = parse(text);
    const replaced = anew || first || (kept?.version ?? 0) <= this.#version;
    this.#text = text;
    const state = kept ? toState(kept) : this.#given;
    if (replaced) this.clock.restore(state);
    else this.clock.set(state);
  }

  /**
   * Moves time forward by `ms`; the store has it before anything here falls due. Moves nothing and answers false when
   * another process has changed the clock since it was taken on here: what falls due next is then another thing.
   */
  move(ms: number): Promise<boolean> {
    return this.#keep((state, unseen) => (unseen ? undefined : forward(state, ms)));
  }

  async freeze(): Promise<void> {
    const before = this.clock.state;
    // Here at once, so that nothing happens at a time that is later than the one that is kept.
    this.clock.freeze();
    await this.#keep(() => this.clock.state).catch((error: unknown) => {
      this.clock.set(before);
      throw error;
    });
  }

  /** Time goes on from where it stands. */
  async resume(): Promise<void> {
    await this.#keep((state) => (isFrozen(state) ? { ahead: state.frozenAt - this.clock.machine() } : state));
  }

  /** @param change answers the next state, or undefined for none; `unseen`: the store has another than was taken on here */
  async #keep(change: (state: ClockState, unseen: boolean) => ClockState | undefined): Promise<boolean> {
    const written = await this.#store.write("clock", async (tx) => {
      await tx.lock(NAME);
      const text = await readHouse(tx, NAME);
      const kept = parse(text);
      const next = change(kept ? this.clock.notBefore(toState(kept)) : this.clock.state, text !== this.#text);
      if (!next) return undefined;
      const changed = JSON.stringify(toKept(next, (kept?.version ?? 0) + 1));
      await writeHouse(tx, NAME, changed);
      await tx.notify();
      return { next, text: changed };
    });
    if (!written) return false;
    this.#text = written.text;
    this.clock.set(written.next);
    return true;
  }
}
