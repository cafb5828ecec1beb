import type { Cancel, Clock } from "../../src/clock.ts";

/** Time that passes only when the schedule says so; whoever waits is then woken at once, in the order in which it asked. */
export class ModelClock implements Clock {
  #now: number;
  #waiting: { when: number; wake: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  at(when: number, wake: () => void): Cancel {
    const waiter = { when, wake };
    this.#waiting.push(waiter);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiter);
    };
  }

  /** Never back. */
  goTo(when: number): void {
    if (when < this.#now) throw new RangeError(`time does not go back from ${this.#now} to ${when}`);
    this.#now = when;
    const due = this.#waiting.filter((one) => one.when <= when);
    this.#waiting = this.#waiting.filter((one) => one.when > when);
    for (const { wake } of due) wake();
  }
}
