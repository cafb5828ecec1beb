import { readFileSync } from "node:fs";
import {
  LIFECYCLE_POINTS,
  OTHER_POINTS,
  type Point,
  type Session,
  type StoreAddress,
  WORLD_POINTS,
  type WriteHooks,
} from "../../src/store/index.ts";
import type { Journal, When } from "./journal.ts";
import { Labels, type Written } from "./labels.ts";
import { Unnamed } from "./unnamed.ts";

/**
 * When a process is killed: at each write that was not killed yet, in this run or `elsewhere` (a file with a line a kill),
 * and at those that move nothing only with `allToo`; or at the nth.
 */
export type Schedule =
  | { every: true; allToo: boolean; elsewhere: string | undefined }
  | { every: false; nth: number; when: When };

const KNOWN: ReadonlySet<string> = new Set([...LIFECYCLE_POINTS, ...WORLD_POINTS, ...OTHER_POINTS, "test"]);

/** Comes by the machine's clock, not by what happens: a beat is no step of anything. */
const UNCOUNTED: readonly Point[] = ["heartbeat", "test"];

const nothing = (): Written => ({ labels: [], made: [], changed: [] });

/** Ends this process as a power cut would: no handler runs, and nothing is flushed. */
function die(): never {
  process.kill(process.pid, "SIGKILL");
  for (;;);
}

/** Stands at every durable write of a process, notes what it was, and kills the process there when the schedule says so. */
export class Killer implements WriteHooks {
  /** Off while a run prepares what it is about. */
  armed: boolean;
  /** The next write with a label that begins so fails, once. */
  failing: string | undefined;
  readonly #journal: Journal;
  readonly #schedule: Schedule;
  readonly #labels: Labels;
  #unnamed: Unnamed | undefined;
  readonly #pending = new WeakMap<Session, Written>();
  readonly #killed: Set<string>;
  readonly #seen: Set<string>;
  #held: { start: string; reach: () => void; released: Promise<void> } | undefined;
  #awaited: { start: string; resolve: () => void }[] = [];
  #count = 0;
  #started = false;

  constructor(journal: Journal, schedule: Schedule, store: StoreAddress) {
    this.#journal = journal;
    this.#schedule = schedule;
    this.armed = !schedule.every || schedule.allToo;
    this.#labels = new Labels(store.kind);
    if (store.kind === "sqlite" && schedule.every) this.#unnamed = new Unnamed(store.file, journal);
    this.#killed = new Set(journal.all("killed").flatMap(({ when, labels }) => labels.map((one) => `${when} ${one}`)));
    if (schedule.every && schedule.elsewhere !== undefined)
      for (const one of readFileSync(schedule.elsewhere, "utf8").split("\n")) this.#killed.add(one);
    this.#seen = new Set(journal.all("seen").map(({ label }) => label));
  }

  async written(point: Point, session: Session): Promise<void> {
    if (!KNOWN.has(point))
      this.#journal.write({ is: "problem", kind: "broken", text: `no list has the write ${point}` });
    if (!this.#started) await this.#labels.start(session);
    this.#started = true;
    const one = await this.#labels.of(point, session);
    if (UNCOUNTED.includes(point)) return;
    if (this.failing !== undefined && one.labels.some((label) => label.startsWith(this.failing ?? ""))) {
      this.failing = undefined;
      throw new Error("the disk is full, for once");
    }
    const held = this.#held;
    if (held && one.labels.some((label) => label.startsWith(held.start))) {
      this.#held = undefined;
      held.reach();
      await held.released;
    }
    const all = this.#pending.get(session) ?? nothing();
    this.#pending.set(session, {
      labels: [...all.labels, ...one.labels],
      made: [...all.made, ...one.made],
      changed: [...all.changed, ...one.changed],
    });
  }

  beforeCommit(_points: readonly Point[], session: Session): void {
    this.#unnamed?.look();
    this.#perhapsDie("before", this.#pending.get(session) ?? nothing());
  }

  afterCommit(_points: readonly Point[], session: Session): void {
    this.#unnamed?.note();
    const written = this.#pending.get(session) ?? nothing();
    this.#pending.delete(session);
    for (const ref of written.made) this.#journal.write({ is: "made", ref });
    for (const one of written.changed) this.#journal.write({ is: "changed", ...one });
    for (const label of written.labels) {
      if (this.#seen.has(label)) continue;
      this.#seen.add(label);
      this.#journal.write({ is: "seen", label });
    }
    this.#perhapsDie("after", written);
    for (const one of this.#awaited) if (written.labels.some((label) => label.startsWith(one.start))) one.resolve();
  }

  /** Whether a write with a label that begins so has become durable in this run. */
  hasSeen(start: string): boolean {
    return [...this.#seen].some((label) => label.startsWith(start));
  }

  /** Resolves as soon as the next write with a label that begins so is durable, before whoever made it goes on. */
  next(start: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.push({ start, resolve }));
  }

  /**
   * Holds the next write with a label that begins so before its commit, until it is released: where writes wait for each
   * other, whatever must come meanwhile would too, so that this is for the store that takes several at once.
   */
  hold(start: string): { reached: Promise<void>; release: () => void } {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#held = { start, reach: reached.resolve, released: released.promise };
    return { reached: reached.promise, release: released.resolve };
  }

  /** Kills nothing at its every write while `act` runs. */
  async spare<T>(act: () => Promise<T>): Promise<T> {
    if (!this.#schedule.every) return act();
    this.armed = false;
    const answer = await act();
    this.armed = true;
    return answer;
  }

  /** Moving the log into the file looks like a change, and is none. */
  atCheckpoint(stage: "noted" | "moved" | "begun" | "settled"): void {
    if (stage === "noted") this.#unnamed?.look();
    if (stage === "settled") this.#unnamed?.note();
  }

  /** At the end of a process that was not killed; the store's own closing comes after it. */
  close(): void {
    this.#unnamed?.look();
    this.#unnamed?.close();
    this.#unnamed = undefined;
  }

  #perhapsDie(when: When, { labels }: Written): void {
    if (!this.armed || labels.length === 0) return;
    if (when === "before") this.#count++;
    const schedule = this.#schedule;
    const now = schedule.every
      ? labels.some((label) => (schedule.allToo || label.includes(" ")) && !this.#killed.has(`${when} ${label}`))
      : schedule.when === when && schedule.nth === this.#count;
    if (!now) return;
    this.#journal.write({ is: "killed", when, labels });
    die();
  }
}
