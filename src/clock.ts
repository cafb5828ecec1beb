/** Cancels a waiting wake-up. Safe to call twice. */
export type Cancel = () => void;

/** Time as a value that can be moved. Every duration of Ebb is counted on it, except leases (those use the store's clock). */
export interface Clock {
  /** Milliseconds since the Unix epoch, in virtual time. */
  now(): number;
  /** It stands still until somebody moves it. */
  readonly frozen: boolean;
  /** Calls `wake` once, as soon as `now()` has reached `when`; never synchronously. */
  at(when: number, wake: () => void): Cancel;
}

/** How a clock stands: still at a time (ms since the epoch), or so many ms ahead of the machine's clock. */
export type ClockState = { frozenAt: number } | { ahead: number };

export const isFrozen = (state: ClockState): state is { frozenAt: number } => "frozenAt" in state;

/** The state `ms` later. */
export const forward = (state: ClockState, ms: number): ClockState =>
  isFrozen(state) ? { frozenAt: state.frozenAt + ms } : { ahead: state.ahead + ms };

interface Waiter {
  when: number;
  wake: () => void;
}

/** setTimeout counts in a signed 32-bit number: a longer wait is taken in parts. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** The clock of a running Ebb: follows the machine's clock, and can be moved forward, frozen and resumed. Never goes back. */
export class MovableClock implements Clock {
  #state: ClockState;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is set to fire, in virtual ms: a later waiter needs no timer of its own. */
  #timerAt = Number.POSITIVE_INFINITY;
  readonly #machine: () => number;
  /** What the machine's clock showed last. */
  #seen = Number.NEGATIVE_INFINITY;

  /** @param frozenAt starts the clock frozen at this time (ms since the epoch), as tests do. */
  constructor(options: { frozenAt?: number; machine?: () => number } = {}) {
    this.#machine = options.machine ?? Date.now;
    this.#state = options.frozenAt === undefined ? { ahead: 0 } : { frozenAt: options.frozenAt };
  }

  now(): number {
    const machine = this.machine();
    return isFrozen(this.#state) ? this.#state.frozenAt : machine + this.#state.ahead;
  }

  /** The machine's clock. When that is set back, virtual time goes on from where it was: what is parked waits no longer for it. */
  machine(): number {
    const machine = this.#machine();
    if (machine < this.#seen && !isFrozen(this.#state)) this.#state.ahead += this.#seen - machine;
    this.#seen = machine;
    return machine;
  }

  /** How far ahead of the machine's clock it is, in ms; negative where it is behind. */
  get ahead(): number {
    return this.now() - this.#seen;
  }

  get state(): ClockState {
    this.machine();
    return { ...this.#state };
  }

  get frozen(): boolean {
    return isFrozen(this.#state);
  }

  at(when: number, wake: () => void): Cancel {
    const waiter = { when, wake };
    this.#waiters.add(waiter);
    if (when < this.#timerAt) this.#schedule();
    return () => this.#waiters.delete(waiter);
  }

  /** `state` as this clock can take it: where that would be a step back, time goes on from where it is. */
  notBefore(state: ClockState): ClockState {
    if (isFrozen(state)) return { frozenAt: Math.max(state.frozenAt, this.now()) };
    return { ahead: Math.max(state.ahead, this.ahead) };
  }

  set(state: ClockState): void {
    this.#state = this.notBefore(state);
    this.#schedule();
  }

  /** Takes `state` even where time then goes back: for when everything else went back with it. */
  restore(state: ClockState): void {
    this.machine();
    this.#state = { ...state };
    this.#schedule();
  }

  /** Moves time forward by `ms`; everything that falls due is woken. Time never goes back: a negative number is refused. */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`the clock only moves forward: ${ms} ms is not a step it can take`);
    this.set(forward(this.state, ms));
  }

  freeze(): void {
    this.set({ frozenAt: this.now() });
  }

  resume(): void {
    this.set({ ahead: this.ahead });
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    let next = Number.POSITIVE_INFINITY;
    for (const { when } of this.#waiters) next = Math.min(next, when);
    this.#timerAt = next;
    const wait = next - this.now();
    if (next === Number.POSITIVE_INFINITY || (wait > 0 && isFrozen(this.#state))) return;
    this.#timer = setTimeout(() => this.#wakeDue(), Math.min(Math.max(0, wait), LONGEST_WAIT));
    this.#timer.unref();
  }

  #wakeDue(): void {
    const now = this.now();
    for (const waiter of this.#waiters) {
      if (waiter.when > now) continue;
      this.#waiters.delete(waiter);
      waiter.wake();
    }
    this.#schedule();
  }
}
