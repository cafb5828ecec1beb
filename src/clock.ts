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

interface Waiter {
  when: number;
  wake: () => void;
}

/** setTimeout counts in a signed 32-bit number: a longer wait is taken in parts. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** The clock of a running Ebb: follows the machine's clock, and can be moved forward, frozen and resumed. */
export class MovableClock implements Clock {
  #offset = 0;
  #frozenAt: number | undefined;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is set to fire, in virtual ms: a later waiter needs no timer of its own. */
  #timerAt = Number.POSITIVE_INFINITY;
  readonly #machine: () => number;

  /** @param frozenAt starts the clock frozen at this time (ms since the epoch), as tests do. */
  constructor(options: { frozenAt?: number; machine?: () => number } = {}) {
    this.#machine = options.machine ?? Date.now;
    this.#frozenAt = options.frozenAt;
  }

  now(): number {
    return this.#frozenAt ?? this.#machine() + this.#offset;
  }

  get frozen(): boolean {
    return this.#frozenAt !== undefined;
  }

  at(when: number, wake: () => void): Cancel {
    const waiter = { when, wake };
    this.#waiters.add(waiter);
    if (when < this.#timerAt) this.#schedule();
    return () => this.#waiters.delete(waiter);
  }

  /** Moves time forward by `ms`; everything that falls due is woken. Time never goes back: a negative number is refused. */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0)
      throw new RangeError(`the clock only moves forward: ${ms} ms is not a step it can take`);
    if (this.#frozenAt === undefined) this.#offset += ms;
    else this.#frozenAt += ms;
    this.#schedule();
  }

  freeze(): void {
    this.#frozenAt ??= this.now();
    this.#schedule();
  }

  resume(): void {
    if (this.#frozenAt === undefined) return;
    this.#offset = this.#frozenAt - this.#machine();
    this.#frozenAt = undefined;
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    let next = Number.POSITIVE_INFINITY;
    for (const { when } of this.#waiters) next = Math.min(next, when);
    this.#timerAt = next;
    const wait = next - this.now();
    if (next === Number.POSITIVE_INFINITY || (wait > 0 && this.#frozenAt !== undefined)) return;
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
