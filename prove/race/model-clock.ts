import { type Cancel, MovableClock } from "../../src/clock.ts";

/** Time that passes only when the schedule says so; whoever waits is then woken at once, in the order in which it asked. */
export class ModelClock extends MovableClock {
  #waiting: { when: number; wake: () => void }[] = [];

  constructor(now: number) {
    super({ frozenAt: now, machine: () => now });
  }

  override at(when: number, wake: () => void): Cancel {
    const waiter = { when, wake };
    this.#waiting.push(waiter);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiter);
    };
  }

  /** Never back. */
  goTo(when: number): void {
    this.advance(when - this.now());
    const due = this.#waiting.filter((one) => one.when <= when);
    this.#waiting = this.#waiting.filter((one) => one.when > when);
    for (const { wake } of due) wake();
  }
}
