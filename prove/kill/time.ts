import type { MovableClock } from "../../src/clock.ts";
import type { Lifecycle } from "../../src/lifecycle/index.ts";

/** Turns of time that one wait may take: more is an operation that never ends. */
const MOST_TURNS = 2_000;
const LEASE_LOOK_MS = 25;

/** Virtual time, standing still but for these steps. The store keeps it from one life to the next. */
export class Time {
  readonly #clock: MovableClock;
  readonly #lifecycle: Lifecycle;

  constructor(clock: MovableClock, lifecycle: Lifecycle) {
    this.#clock = clock;
    this.#lifecycle = lifecycle;
  }

  /** Lets time pass from one due time to the next until no operation runs. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < MOST_TURNS; turn++) if (!(await this.next())) return;
    throw new Error(`operations were still running after ${MOST_TURNS} turns`);
  }

  /** Lets time pass to the next due time. False when no operation runs. */
  async next(): Promise<boolean> {
    const before = await this.#trace();
    await this.quiet();
    if ((await this.#count("state = 'running'")) === 0) return false;
    const { now, ringing, later } = await this.#lifecycle.runner.due();
    // Another tale has begun something meanwhile: no time has to pass for that.
    if (now || ringing) return true;
    if (later !== undefined) await this.#to(later);
    // What another tale has moved since may be walked at this moment, and is neither due nor parked.
    else if ((await this.#trace()) === before) throw new Error("an operation runs, and nothing will ever move it");
    return true;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Lets time pass to `end`, with all that falls due before it. */
  async passTo(end: number): Promise<void> {
    for (;;) {
      await this.quiet();
      const { later } = await this.#lifecycle.runner.due();
      if (later === undefined || later > end) break;
      await this.#to(later);
    }
    await this.#to(end);
    await this.quiet();
  }

  /** Nothing is due, and no dead process has a lease left. */
  async quiet(): Promise<void> {
    const { store, runner } = this.#lifecycle;
    const { dbNow } = await store.read(async (session) => session);
    for (;;) {
      const held = await this.#count(`lease_until >= ${dbNow}`);
      await runner.settled();
      if (held === 0) return;
      await new Promise((resolve) => setTimeout(resolve, LEASE_LOOK_MS));
    }
  }

  /** Differs once anything was accepted, moved or skipped, or time has passed. */
  async #trace(): Promise<string> {
    const sql = "SELECT count(*) AS n, max(seq) AS last FROM events";
    const row = await this.#lifecycle.store.read((session) => session.get<{ n: number; last: number | null }>(sql));
    return `${row?.n} ${row?.last} ${this.#clock.now()}`;
  }

  async #count(where: string): Promise<number> {
    const sql = `SELECT count(*) AS n FROM operations WHERE ${where}`;
    return (await this.#lifecycle.store.read((session) => session.get<{ n: number }>(sql)))?.n ?? 0;
  }

  async #to(when: number): Promise<void> {
    const ms = when - this.#clock.now();
    if (ms > 0) await this.#lifecycle.time.kept.move(ms);
  }
}
