import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { Store } from "../store/index.ts";
import { countCall, deleteFaults, type Fault, insertFault, listFaults } from "./rows.ts";
import {
  type CallAnswer,
  type CallFault,
  type CallPlace,
  type FaultSpec,
  fitsCall,
  fitsGone,
  fitsStep,
  type GoneAnswer,
  type GoneFault,
  type StepAnswer,
  type StepFault,
  type StepPlace,
} from "./spec.ts";

/** Each call looks at every fault. */
const FAULTS_MOST = 256;

/** There are as many faults as can be. */
export class TooManyFaults extends Error {
  constructor() {
    super(`there are ${FAULTS_MOST} faults, and no more can be added`);
  }
}

/** A fault that strikes. */
export interface Hit<Answer> {
  id: string;
  answer: Answer;
}

export interface FaultsHouse {
  store: Store;
  clock: Clock;
  ids: Ids;
}

interface Kept {
  call: Fault<CallFault>[];
  step: Fault<StepFault>[];
  gone: Fault<GoneFault>[];
}

const on = <S extends FaultSpec>(faults: readonly Fault[], where: S["on"]) =>
  faults.filter((one): one is Fault<S> => one.spec.on === where);

const sorted = (faults: readonly Fault[]): Kept => ({
  call: on<CallFault>(faults, "call"),
  step: on<StepFault>(faults, "step"),
  gone: on<GoneFault>(faults, "gone"),
});

/**
 * The faults in force. They are kept in the store, and in memory as far as it takes to see that a call has none: such a
 * call costs nothing. Of several that fit a call, the oldest is asked first, and those after one that hits are not asked.
 */
export class Faults {
  readonly #house: FaultsHouse;
  #kept: Kept = sorted([]);
  /** Reads that have begun, and the newest of those that have ended. */
  #begun = 0;
  #ended = 0;

  constructor(house: FaultsHouse) {
    this.#house = house;
  }

  /** Reads anew what is in the store: at the start, and when another process may have changed it. An older read that ends after a newer one changes nothing. */
  async reload(): Promise<void> {
    const turn = ++this.#begun;
    const faults = await this.list();
    if (turn < this.#ended) return;
    this.#ended = turn;
    this.#kept = sorted(faults);
  }

  /** In order of creation, with the counts of this moment. */
  list(): Promise<Fault[]> {
    return this.#house.store.read(listFaults);
  }

  async find(id: string): Promise<Fault | undefined> {
    return (await this.list()).find((one) => one.id === id);
  }

  /** @throws TooManyFaults */
  async add(spec: FaultSpec): Promise<Fault> {
    const { store, clock, ids } = this.#house;
    const fault = { id: ids.hex32().slice(0, 8), spec, calls: 0, hits: 0, firstHitAt: null, createdAt: clock.now() };
    await store.write("fault", async (tx) => {
      await tx.lock("faults");
      if ((await listFaults(tx)).length >= FAULTS_MOST) throw new TooManyFaults();
      await insertFault(tx, fault.id, spec, fault.createdAt);
      await tx.notify();
    });
    await this.reload();
    return fault;
  }

  /** Answers the fault with its last counts; undefined for an unknown one. */
  async remove(id: string): Promise<Fault | undefined> {
    return (await this.#delete(id))[0];
  }

  clear(): Promise<Fault[]> {
    return this.#delete();
  }

  async #delete(id?: string): Promise<Fault[]> {
    const removed = await this.#house.store.write("fault", async (tx) => {
      await tx.notify();
      return deleteFaults(tx, id);
    });
    await this.reload();
    return removed;
  }

  /** Whether any call on the wire may be struck. */
  get onWire(): boolean {
    return this.#kept.call.length > 0 || this.#kept.gone.length > 0;
  }

  /** What strikes this call, counted. Undefined, at no cost, where nothing fits. */
  onCall(at: CallPlace): Promise<Hit<CallAnswer> | undefined> | undefined {
    const { call } = this.#kept;
    return call.length === 0 ? undefined : this.#strike(call.filter(({ spec }) => fitsCall(spec, at)));
  }

  onStep(at: StepPlace): Promise<Hit<StepAnswer> | undefined> | undefined {
    const { step } = this.#kept;
    return step.length === 0 ? undefined : this.#strike(step.filter(({ spec }) => fitsStep(spec, at)));
  }

  /** Whether a fault looks at what this call says of what is gone. Nothing is counted. */
  watchesGone(at: CallPlace): boolean {
    return this.#kept.gone.some(({ spec }) => fitsGone(spec, at));
  }

  onGone(at: CallPlace): Promise<Hit<GoneAnswer> | undefined> | undefined {
    return this.#strike(this.#kept.gone.filter(({ spec }) => fitsGone(spec, at)));
  }

  #strike<S extends FaultSpec>(fitting: readonly Fault<S>[]): Promise<Hit<S["answer"]> | undefined> | undefined {
    if (fitting.length === 0) return undefined;
    const { store, clock } = this.#house;
    return store.write("fault-hit", async (tx) => {
      for (const fault of fitting) {
        if (await countCall(tx, fault, clock.now())) return { id: fault.id, answer: fault.spec.answer };
      }
      return undefined;
    });
  }
}
