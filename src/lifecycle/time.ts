import type { MovableClock } from "../clock.ts";
import type { Store } from "../store/index.ts";
import { Refused } from "./errors.ts";
import { KeptClock } from "./kept-clock.ts";
import type { Runner } from "./runner.ts";
import { type DueThing, findNext, listUnderWay } from "./under-way.ts";

/** How long, in real ms, something due may show no progress before time goes on without it. */
const PATIENCE_MS = 2_000;
const LOOK_AGAIN_MS = 5;

export interface TimeHouse {
  store: Store;
  clock: MovableClock;
}

/** How time stands. */
export interface Standing {
  now: number;
  frozen: boolean;
  /** Ms that virtual time is ahead of the machine's clock; negative where it is behind. */
  ahead: number;
  /** What falls due next, after now. */
  next: DueThing | undefined;
  /** What is due and has not come to rest. */
  underWay: readonly DueThing[];
}

export interface Advanced extends Standing {
  /** Virtual ms that passed. */
  advanced: number;
  /** How many times that something fell due in between. */
  stops: number;
}

/** How far: so many virtual ms, to a time (ms since the epoch), or to the next thing that falls due. */
export type Distance = { by: number } | { to: number | "next" };

/** What one advance or settling does not wait for any longer. */
interface Stuck {
  marks: Set<string>;
  walks: Set<Promise<void>>;
}

const nothingStuck = (): Stuck => ({ marks: new Set(), walks: new Set() });

/** Virtual time as a user moves it: from one due time to the next, each with all that follows from it. */
export class Time {
  readonly kept: KeptClock;
  readonly #house: TimeHouse;
  readonly #runner: Runner;
  #closing = new AbortController();
  /** The change that was asked for last; it never fails. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(house: TimeHouse, runner: Runner) {
    this.#house = house;
    this.#runner = runner;
    this.kept = new KeptClock(house.store, house.clock);
  }

  async show(): Promise<Standing> {
    const { clock, store } = this.#house;
    const now = clock.now();
    const stands = { now, frozen: clock.frozen, ahead: clock.ahead };
    const { next, underWay } = await store.read(async (session) => ({
      next: await findNext(session, now),
      underWay: await listUnderWay(session, now),
    }));
    return { ...stands, next, underWay };
  }

  freeze(): Promise<Standing> {
    return this.alone(async () => {
      await this.kept.freeze();
      return this.show();
    });
  }

  resume(): Promise<Standing> {
    return this.alone(async () => {
      await this.kept.resume();
      return this.show();
    });
  }

  /**
   * Lets time pass as it would by itself, only faster. What is due and makes no progress for `patienceMs` of real time (a
   * driver that does not answer, a process that holds a lease and stands still) is left behind, and shows in `underWay`.
   * Throws Refused when there is no way forward to the asked time.
   */
  advance(distance: Distance, options: { patienceMs?: number } = {}): Promise<Advanced> {
    return this.alone(async () => {
      const stuck = nothingStuck();
      const patience = options.patienceMs ?? PATIENCE_MS;
      const settle = () => this.#settle(stuck, patience, () => true);
      await settle();
      const by = await this.#measure(distance);
      const passed = await this.#pass(by, settle);
      return { ...passed, ...(await this.show()) };
    });
  }

  /** Waits until whatever `concerns` holds for has come to rest, or shows no progress for `patienceMs` of real time. */
  settled(concerns: (thing: DueThing) => boolean, patienceMs: number): Promise<void> {
    return this.#settle(nothingStuck(), patienceMs, concerns);
  }

  /** Time can be changed from now on, as it can from the beginning. */
  open(): void {
    if (this.#closing.signal.aborted) this.#closing = new AbortController();
  }

  /** Ends an advance that is under way at its next stop. */
  close(): void {
    this.#closing.abort(new Refused("Ebb is stopping", "time stands where it has come to: ask again"));
  }

  /** Runs `change` while nothing else in this process moves time: one after the other. */
  alone<T>(change: () => Promise<T>): Promise<T> {
    const { signal } = this.#closing;
    const turn = this.#last.then(async () => {
      signal.throwIfAborted();
      await this.kept.load();
      return change();
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #measure(distance: Distance): Promise<number> {
    const { clock, store } = this.#house;
    if ("by" in distance) return distance.by;
    const now = clock.now();
    if (distance.to !== "next") {
      if (distance.to > now) return distance.to - now;
      const at = new Date(now).toISOString();
      throw new Refused(`the clock only moves forward, and it is ${at} already`, "name a later time");
    }
    const next = await store.read((session) => findNext(session, now));
    if (next) return Math.max(0, next.dueAt - now);
    throw new Refused("nothing falls due: there is no next thing to go to", "say how far: by 30m, or to a time");
  }

  async #pass(by: number, settle: () => Promise<void>): Promise<{ advanced: number; stops: number }> {
    const { clock, store } = this.#house;
    let left = by;
    for (let stops = 0; ; ) {
      const now = clock.now();
      const next = await store.read((session) => findNext(session, now));
      const wait = next ? next.dueAt - clock.now() : Number.POSITIVE_INFINITY;
      const step = Math.max(0, Math.min(wait, left));
      const moved = step === 0 || (await this.kept.move(step));
      if (moved) left -= step;
      else await this.kept.load();
      await settle();
      if (moved && wait > step) return { advanced: by, stops };
      if (moved) stops++;
      this.#closing.signal.throwIfAborted();
    }
  }

  async #settle(stuck: Stuck, patience: number, concerns: (thing: DueThing) => boolean): Promise<void> {
    const { store, clock } = this.#house;
    let marks = "";
    let since = performance.now();
    while (this.#runner.running && !this.#closing.signal.aborted) {
      this.#runner.wake();
      const walks = await this.#runner.resting(stuck.walks, Math.min(patience, 100));
      const things = await store.read((session) => listUnderWay(session, clock.now()));
      const left = things.filter((thing) => concerns(thing) && !stuck.marks.has(thing.mark));
      if (left.length === 0) return;
      const seen = left.map((thing) => thing.mark).join();
      if (seen !== marks) since = performance.now();
      else if (performance.now() - since >= patience) {
        for (const thing of left) stuck.marks.add(thing.mark);
        for (const walk of walks) stuck.walks.add(walk);
        return;
      } else await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      marks = seen;
    }
  }
}
