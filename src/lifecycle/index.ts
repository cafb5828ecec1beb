import type { MovableClock } from "../clock.ts";
import type { Drivers } from "../drivers/port.ts";
import type { Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/index.ts";
import { Accepting, type Caller } from "./accept.ts";
import { ringAlarms } from "./alarms.ts";
import { NotFound } from "./errors.ts";
import type { Kind } from "./kinds.ts";
import { type LeakFilter, type LeakPage, listLeaks } from "./leaks.ts";
import { listJob, listOperations, type Operation } from "./operations.ts";
import type { Asked } from "./plan-scope.ts";
import { LEFTOVER, type ReclaimAsked, type Reclaimed, type ReclaimHouse, reclaim, reclaimable } from "./reclaim.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { type Filter, findResource, listResources, type Resource } from "./resources.ts";
import { Runner } from "./runner.ts";
import { type ScanReport, scan } from "./scan.ts";
import type { Kinds } from "./settle.ts";
import { type SkipAsked, skip } from "./skip.ts";
import type { StepFaults } from "./step-faults.ts";
import { teardownKind } from "./teardown.ts";
import { askTeardown } from "./teardown-ask.ts";
import { Time } from "./time.ts";
import { type Why, why } from "./why.ts";

export type { Accepted, Birth, Caller, Job } from "./accept.ts";
export { Accepting } from "./accept.ts";
export type { Verdict } from "./chain.ts";
export { verifyChain } from "./chain.ts";
export * from "./errors.ts";
export { EVENT_TYPES, type Event, type EventFilter, Horizon, listEvents } from "./events.ts";
export { asBlocker, nobodyNeedsIt, nothingInside } from "./guards.ts";
export type { Holding } from "./holdings.ts";
export { listHeld } from "./holdings.ts";
export type { Answer, Blocker, Effects, Guard, Kind, Step, Taking, Verb, Work } from "./kinds.ts";
export type { Leak, LeakKind, LeakPage } from "./leaks.ts";
export { type Leftovers, listLeftovers } from "./leftovers.ts";
export { findOperation, listRunning, type Operation, type OperationState } from "./operations.ts";
export type { PlanItem } from "./plan.ts";
export type { PlanRefusal } from "./plan-refusals.ts";
export { type Asked, PLAN_MOST } from "./plan-scope.ts";
export type { HeldOnce, Receipt, ReceiptBody, StepTold } from "./receipts.ts";
export { findReceipts, listReceipts } from "./receipts.ts";
export type { Reclaimed } from "./reclaim.ts";
export type { Rehearsal } from "./rehearsal.ts";
export type { Filter, Resource, ResourceError } from "./resources.ts";
export { findResource, listDescendants, listResources, listUsers } from "./resources.ts";
export type { ScanReport } from "./scan.ts";
export * from "./search.ts";
export type { StepFaults } from "./step-faults.ts";
export { changes, childrenAre, childrenGone, makes, refOf, stampOf, unmakes, waitingForAll } from "./steps.ts";
export { listTeardowns, readTeardown } from "./teardown-ask.ts";
export { type StandingItem, TEARDOWN, teardownSpec } from "./teardown-look.ts";
export type { Advanced, Distance, Standing } from "./time.ts";
export { Time } from "./time.ts";
export { lastAnswer, type StepAnswer, type StepState, type StepTrail, trailOf, triesOf } from "./trail.ts";
export type { DueThing } from "./under-way.ts";
export { noteLook } from "./wakes.ts";
export type { Condition, LeftHolding, Owner, Unblock, Why } from "./why.ts";

const SCAN_EVERY_MS = 60_000;

export interface LifecycleHouse {
  store: Store;
  clock: MovableClock;
  ids: Ids;
  drivers: Drivers;
  kinds: readonly Kind[];
  log: Log;
  /** Virtual ms that a gone resource, with all that is known of it, stays readable. */
  retainMs: number;
  /** What a test wants to go wrong with the steps. */
  faults?: StepFaults;
}

/** The kernel: accepts changes, keeps resources and operations, and sees to it that each operation ends. */
export class Lifecycle {
  readonly store: Store;
  readonly runner: Runner;
  readonly time: Time;
  readonly #house: LifecycleHouse;
  readonly #kinds: Kinds;
  #scanning: NodeJS.Timeout | undefined;
  readonly #followers: (() => Promise<void>)[] = [];
  /** The scan that is under way; it never fails. */
  #scan: Promise<void> | undefined;

  constructor(house: LifecycleHouse) {
    this.#house = house;
    this.store = house.store;
    const kinds = new Map([...house.kinds, LEFTOVER].map((kind) => [kind.name, reclaimable(kind)]));
    this.#kinds = kinds;
    const teardown = teardownKind({
      kinds,
      accept: (caller, change) => this.accept(caller, change),
      rehearse: (caller, change) =>
        house.store.rehearse((tx) => change(new Accepting(tx, { ...house, kinds }, caller))),
    });
    kinds.set(teardown.name, teardown);
    const owner = house.ids.uuid();
    this.runner = new Runner({ ...house, kinds: this.#kinds, owner }, house.log, {
      ring: () => this.#ring(),
      follow: async () => {
        if (!house.store.alone) await this.#catchUp();
      },
    });
    this.time = new Time(house, this.runner);
    this.#followers.push(() => this.time.kept.load());
  }

  /** Has `take` run at the start, and on a shared store whenever another process may have changed what it reads. */
  follow(take: () => Promise<void>): void {
    this.#followers.push(take);
  }

  async #catchUp(): Promise<void> {
    for (const take of this.#followers) await take();
  }

  /** Every kind, the kernel's own among them. */
  get kinds(): Kind[] {
    return [...this.#kinds.values()];
  }

  async start(): Promise<void> {
    await this.#catchUp();
    this.time.open();
    await this.runner.start();
    const report = (error: unknown) => this.#house.log.error({ error }, "the scan failed");
    this.#scanning = setInterval(() => {
      this.#scan = this.scan().then(() => {}, report);
    }, SCAN_EVERY_MS);
    this.#scanning.unref();
  }

  async stop(): Promise<void> {
    this.time.close();
    clearInterval(this.#scanning);
    await this.runner.stop();
    await this.#scan;
  }

  /** Runs `change` as one durable write on behalf of `caller`, and wakes the runner once it is committed. */
  async accept<T>(caller: Caller, change: (accepting: Accepting) => Promise<T>): Promise<T> {
    const { store, clock, ids } = this.#house;
    const accepted = await store.write(
      "accept",
      async (tx) => {
        const accepting = new Accepting(tx, { kinds: this.#kinds, clock, ids }, caller);
        const answer = await change(accepting);
        await accepting.seal();
        await tx.notify();
        return answer;
      },
      { signal: caller.signal },
    );
    this.runner.wake();
    return accepted;
  }

  /** The tenant's resource. Throws NotFound for an unknown one, another tenant's, and (unless `gone`) a deleted one. */
  async get(tenant: string, kind: string, id: string, options: { gone?: boolean } = {}): Promise<Resource> {
    const found = await this.store.read((session) => findResource(session, id));
    if (!found || found.kind !== kind || found.tenant !== tenant) throw new NotFound(kind, id);
    if (found.goneAt !== null && !options.gone) throw new NotFound(kind, id, true);
    return found;
  }

  /** In order of creation. */
  list(filter: Filter): Promise<Resource[]> {
    return this.store.read((session) => listResources(session, filter));
  }

  /** The operations of a job, oldest first; empty for an unknown one and for another tenant's. */
  job(tenant: string, jobId: string): Promise<Operation[]> {
    return this.store.read((session) => listJob(session, tenant, jobId));
  }

  operations(resourceId: string): Promise<Operation[]> {
    return this.store.read((session) => listOperations(session, resourceId));
  }

  /** The plan of a teardown, with all that would be refused. Nothing of it is kept. */
  rehearse(asked: Asked, requestId: string): Promise<Rehearsal> {
    const { store, clock, ids } = this.#house;
    return store.rehearse((tx) => rehearse(tx, { kinds: this.#kinds, clock, ids }, asked, requestId));
  }

  /** Starts a teardown, or goes on with the same one. @throws Refused with all `refusals`, NoSuch */
  async tearDown(asked: Asked, requestId: string): Promise<{ teardown: Resource; again: boolean }> {
    const { store, clock, ids } = this.#house;
    const house = { kinds: this.#kinds, clock, ids };
    const answer = await store.write("teardown", (tx) => askTeardown(tx, house, asked, requestId));
    this.runner.wake();
    return answer;
  }

  /** Leaves the current step of a delete undone: see `skip`. */
  async skip(asked: SkipAsked): Promise<Operation> {
    const { store, clock, ids } = this.#house;
    const operation = await skip({ store, clock, ids, kinds: this.#kinds }, asked);
    this.runner.abandon(asked.operationId);
    return operation;
  }

  /** What is in the world and nobody is taking away. Changes nothing. */
  leaks(filter: LeakFilter): Promise<LeakPage> {
    const { store, drivers } = this.#house;
    return listLeaks({ store, drivers, kinds: this.#kinds }, filter);
  }

  /** Starts taking away what has leaked. @throws NoSuch for a ref that is no leak */
  async reclaim(asked: ReclaimAsked): Promise<{ reclaimed: Reclaimed[]; more: boolean }> {
    const accept: ReclaimHouse["accept"] = (caller, change) => this.accept(caller, change);
    const started = await reclaim({ ...this.#house, kinds: this.#kinds, accept }, asked);
    this.runner.wake();
    return started;
  }

  /** Says why a resource, or the resource of an operation, is where it is. @throws NoSuch */
  why(id: string): Promise<Why> {
    const { store, clock } = this.#house;
    return why({ store, clock, kinds: this.#kinds }, id);
  }

  #ring(): Promise<void> {
    const { store, clock, log } = this.#house;
    const kinds = this.#kinds;
    return ringAlarms({ store, clock, log, kinds, accept: (caller, change) => this.accept(caller, change) });
  }

  scan(): Promise<ScanReport> {
    const { store, clock, log, drivers, retainMs } = this.#house;
    return scan({
      store,
      drivers,
      clock,
      log,
      retainMs,
      kinds: this.#kinds,
      accept: (caller, change) => this.accept(caller, change),
      wake: () => this.runner.wake(),
    });
  }
}
