import type { Cancel } from "../clock.ts";
import type { Log } from "../log.ts";
import { LeaseLost } from "./errors.ts";
import { claim, type Due, dropAll, HEARTBEAT_MS, heartbeat, letGo, nextDue } from "./leases.ts";
import type { Operation } from "./operations.ts";
import { setAside, type WalkHouse, walk } from "./walk.ts";

/** Operations that one process drives at a time. */
const AT_ONCE = 64;
/** The floor under notifications and timers: how late, in real ms, another process's lost work is noticed. */
const POLL_MS = 250;

/** Claims due operations and walks them. It wakes on accept, on a step's end, on the clock and on other processes' notices. */
export class Runner {
  readonly #house: WalkHouse;
  readonly #log: Log;
  /** Starts the verbs whose alarms have fallen due. */
  readonly #ring: () => Promise<void>;
  /** Takes on what other processes on the store have changed. */
  readonly #follow: () => Promise<void>;
  #following: Promise<void> | undefined;
  /** By operation: what has no walk here gets no heartbeat, so that its lease runs out. */
  readonly #walking = new Map<string, Promise<void>>();
  /** Walks whose operation has gone on without them. */
  readonly #late = new Set<Promise<void>>();
  #pumping: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #cancelTimer: Cancel | undefined;
  #intervals: NodeJS.Timeout[] = [];
  #unlisten: (() => Promise<void>) | undefined;

  constructor(house: WalkHouse, log: Log, tasks: { ring: () => Promise<void>; follow: () => Promise<void> }) {
    this.#house = house;
    this.#log = log;
    this.#ring = tasks.ring;
    this.#follow = tasks.follow;
  }

  get running(): boolean {
    return !this.#stopped;
  }

  async start(): Promise<void> {
    const { store, owner } = this.#house;
    this.#stopped = false;
    if (store.alone) await store.write("drop-leases", dropAll);
    this.#unlisten = await store.listen(() => this.#hear());
    const beat = async () => {
      const walking = [...this.#walking.keys()];
      if (walking.length > 0) await store.write("heartbeat", (tx) => heartbeat(tx, owner, walking));
    };
    this.#intervals = [
      setInterval(
        () => void beat().catch((error: unknown) => this.#log.error({ error }, "heartbeat failed")),
        HEARTBEAT_MS,
      ),
      setInterval(() => this.#hear(), POLL_MS),
    ];
    for (const one of this.#intervals) one.unref();
    this.wake();
  }

  /** Looks for due work at once. Cheap to call often. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      if (this.#again) this.wake();
    });
  }

  /**
   * Lets an operation go on without its present walk, whose lease was taken away. What the walk's call still does in the
   * world, it does under an older fence.
   */
  abandon(operationId: string): void {
    const walking = this.#walking.get(operationId);
    if (walking) {
      this.#walking.delete(operationId);
      this.#late.add(walking);
      void walking.finally(() => this.#late.delete(walking));
    }
    this.wake();
  }

  /** Another process may have changed something: noted, or missed while nothing listened. */
  #hear(): void {
    if (this.#stopped) return;
    this.#following ??= this.#follow()
      .catch((error: unknown) => this.#log.error({ error }, "what other processes changed was not taken on"))
      .finally(() => {
        this.#following = undefined;
        this.wake();
      });
  }

  /** Stops claiming and waits for what is being walked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#unlisten?.();
    await this.#following;
    await this.#pumping;
    await Promise.all([...this.#walking.values(), ...this.#late]);
    for (const one of this.#intervals) clearInterval(one);
  }

  /** Runs `change` while nothing is claimed or walked in this process: what is being walked ends its stretch first. */
  async quiet<T>(change: () => Promise<T>): Promise<T> {
    if (this.#stopped) return change();
    this.#stopped = true;
    this.#cancelTimer?.();
    try {
      await this.#pumping;
      await Promise.all([...this.#walking.values(), ...this.#late]);
      return await change();
    } finally {
      this.#stopped = false;
      this.wake();
    }
  }

  /** Resolves once nothing is due, and nothing is being walked in this process. */
  async settled(): Promise<void> {
    for (;;) {
      this.wake();
      while (this.#pumping || this.#walking.size > 0) await Promise.all([this.#pumping, ...this.#walking.values()]);
      const due = await this.due();
      if (this.#stopped || (!due.now && !due.ringing)) return;
    }
  }

  /**
   * Waits until nothing is looked for or walked here, `except` these walks, or until `withinMs` of real time have passed.
   * Answers what is still being walked.
   */
  async resting(except: ReadonlySet<Promise<void>>, withinMs: number): Promise<Promise<void>[]> {
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        over = true;
        resolve();
      }, withinMs);
    });
    for (;;) {
      const walks = [...this.#walking.values()].filter((one) => !except.has(one));
      if (over || (!this.#pumping && walks.length === 0)) {
        clearTimeout(timer);
        return walks;
      }
      await Promise.race([Promise.all([this.#pumping, ...walks]), late]);
    }
  }

  /** What is due now, and when the next thing will be. */
  due(): Promise<Due> {
    const { store, clock } = this.#house;
    return store.read((session) => nextDue(session, clock.now()));
  }

  async #pump(): Promise<void> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        await this.#claimDue();
      }
      await this.#setTimer();
    } catch (error) {
      this.#log.error({ error }, "looking for due operations failed; tried again at the next poll");
    }
  }

  async #claimDue(): Promise<void> {
    const room = AT_ONCE - this.#walking.size;
    if (room <= 0) return;
    const due = await this.due();
    if (due.now) await this.#claim(room);
    if (due.ringing) await this.#ring();
  }

  async #claim(room: number): Promise<void> {
    const { store, owner, clock } = this.#house;
    const busy = [...this.#walking.keys()];
    for (const op of await store.write("claim", (tx) => claim(tx, owner, clock.now(), room, busy))) {
      const walking: Promise<void> = this.#walkOne(op).finally(() => {
        if (this.#walking.get(op.id) === walking) this.#walking.delete(op.id);
        this.wake();
      });
      this.#walking.set(op.id, walking);
    }
  }

  async #walkOne(op: Operation): Promise<void> {
    const { store, owner } = this.#house;
    const about = {
      operation_id: op.id,
      resource_id: op.resourceId,
      request_id: op.requestId,
      verb: op.verb,
      fence: op.fence,
    };
    try {
      const end = await walk(this.#house, op);
      if (end.state === "failed") this.#log.warn({ ...about, error: end.error }, "operation stopped for good");
      else if (end.state === "done") this.#log.info(about, "operation done");
    } catch (error) {
      if (error instanceof LeaseLost) this.#log.info(about, "operation is held elsewhere");
      else await this.#setAside(op, about, error);
      await store
        .write("let-go", (tx) => letGo(tx, op, owner))
        .catch((failed: unknown) => this.#log.error({ ...about, error: failed }, "lease not let go"));
    }
  }

  async #setAside(op: Operation, about: object, error: unknown): Promise<void> {
    this.#log.error({ ...about, error }, "operation could not be walked; tried again later");
    const reason = error instanceof Error ? error.message : String(error);
    await setAside(this.#house, op, reason).catch((failed: unknown) =>
      this.#log.error({ ...about, error: failed }, "operation not set aside"),
    );
  }

  async #setTimer(): Promise<void> {
    this.#cancelTimer?.();
    const { clock } = this.#house;
    const { later } = await this.due();
    if (later !== undefined && !this.#stopped) this.#cancelTimer = clock.at(later, () => this.wake());
  }
}
