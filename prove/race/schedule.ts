import { NotAccepted } from "../../src/lifecycle/index.ts";
import type { Store } from "../../src/store/index.ts";
import { Fault } from "../../src/wire/index.ts";
import type { Chooser } from "./choosers.ts";
import { type Gate, Gates } from "./gates.ts";
import { ModelClock } from "./model-clock.ts";
import type { Move, Stage, Things } from "./stage.ts";
import { putBack, type Template } from "./template.ts";
import { openProcess, type Process } from "./town.ts";
import type { Town } from "./turn-store.ts";
import { Witness } from "./witness.ts";

/** A stage with its furniture in place, on a store that is used for nothing else. */
export interface Scene {
  stage: Stage;
  store: Store;
  template: Template;
  things: Things;
  /** When the furniture stood, in virtual ms. */
  start: number;
  /** Tables that no longer hold what the template says. */
  touched: Set<string>;
}

/**
 * What befalls the first process while it works: nothing; it stops for ever, and another starts on its store; its leases
 * run out and another starts beside it; the same, where the other was there from the beginning.
 */
export type Mishap = "none" | "killed" | "overtaken" | "beside";

export interface Scenario {
  moves: readonly Move[];
  mishap: Mishap;
}

export interface Answer {
  move: string;
  /** Undefined where the process was killed before it answered. */
  value?: unknown;
  refused?: Error;
}

export interface Outcome {
  broken: string[];
  /** Every step, in the order in which they were taken. */
  trace: string[];
  path: number[];
  answers: Answer[];
}

/** Virtual time moves so many times at most: what is refused again and again never comes to rest. */
const LEAPS_MOST = 60;
/** Longer than a lease, in ms of the store's clock. */
const PAST_LEASE_MS = 10_000;

/** Writes that a request asks for. */
const ASKED: ReadonlySet<string> = new Set(["accept", "skip", "teardown", "rehearsal"]);

const nameOf = ({ process, label }: Gate): string => `${process} ${label}`;

/** Runs one schedule, and judges it at every commit and at its end. */
export class Schedule {
  readonly #scene: Scene;
  readonly #scenario: Scenario;
  readonly #chooser: Chooser;
  readonly #gates = new Gates();
  readonly #clock: ModelClock;
  readonly #witness: Witness;
  readonly #town: Town;
  readonly #processes: Process[] = [];
  readonly #frozen = new Map<string, boolean>();
  readonly #answers: Answer[] = [];
  readonly #trace: string[] = [];
  readonly #path: number[] = [];
  #leaps = 0;
  #befallen = false;

  constructor(scene: Scene, scenario: Scenario, chooser: Chooser) {
    this.#scene = scene;
    this.#scenario = scenario;
    this.#chooser = chooser;
    this.#clock = new ModelClock(scene.start);
    this.#witness = new Witness(scene.store, scene.stage.kinds, () => this.#clock.now());
    this.#town = {
      gates: this.#gates,
      leases: { now: 1_000_000 },
      listeners: new Map(),
      committed: (process, point, tables) => {
        for (const table of tables) scene.touched.add(table);
        return this.#witness.committed(process, point, tables);
      },
    };
  }

  async run(): Promise<Outcome> {
    await putBack(this.#scene.store, this.#scene.template, this.#scene.touched);
    await this.#witness.begin();
    const shared = this.#scenario.mishap === "overtaken" || this.#scenario.mishap === "beside";
    const first = await this.#open("one", !shared);
    if (this.#scenario.mishap === "beside") await this.#open("two", false);
    await this.#gates.quiet();
    this.#gates.shut();
    for (const move of this.#scenario.moves) this.#ask(first, move);
    while (await this.#step());
    await this.#release();
    this.#gates.free();
    await this.#witness.atRest(
      this.#processes.filter((one) => !this.#frozen.get(one.name)).map((one) => one.lifecycle),
    );
    this.#judgeAnswers();
    await this.#close();
    const { broken } = this.#witness;
    return { broken, trace: this.#trace, path: this.#path, answers: this.#answers };
  }

  async #open(name: string, alone: boolean): Promise<Process> {
    const { stage, store } = this.#scene;
    const process = openProcess(this.#town, { name, stage, store, clock: this.#clock, alone });
    this.#processes.push(process);
    const started = process.lifecycle.start();
    // Behind shut gates the start itself takes its turns.
    if (!this.#gates.isShut) await started;
    else void started.catch((error: unknown) => this.#witness.broken.push(`the start failed: ${String(error)}`));
    return process;
  }

  #ask(process: Process, move: Move): void {
    const answer: Answer = { move: move.name };
    this.#answers.push(answer);
    void move.ask(process.hands(move.name), this.#scene.things).then(
      (value) => (answer.value = value ?? null),
      (error: unknown) => (answer.refused = error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** Takes one of the possible next steps. False at rest. */
  async #step(): Promise<boolean> {
    await this.#gates.quiet();
    const gates = this.#gates.waiting.filter((one) => !this.#frozen.get(one.process));
    // Answers of a server come in any order; what arrives from memory does so in one.
    if (this.#scene.store.kind === "postgres") gates.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const options = gates.map(nameOf);
    const acts: (() => Promise<void> | void)[] = gates.map((one) => () => this.#gates.open(one));
    const mishap = await this.#mishap();
    if (mishap) {
      options.push(mishap.name);
      acts.push(mishap.act);
    }
    // Time goes by while nothing but requests wait: a request may be slow, the runner's own steps are not worth it.
    const later = gates.every((one) => ASKED.has(one.label)) ? await this.#later() : undefined;
    if (later !== undefined && this.#leaps < LEAPS_MOST) {
      options.push("time");
      acts.push(() => this.#leap(later));
    }
    if (options.length === 0) return false;
    const taken = options.length === 1 ? 0 : this.#chooser.choose(options);
    if (options.length > 1) this.#path.push(taken);
    this.#trace.push(options[taken] ?? "");
    await acts[taken]?.();
    return true;
  }

  async #later(): Promise<number | undefined> {
    const living = this.#processes.find((one) => !this.#frozen.get(one.name));
    return (await living?.lifecycle.runner.due())?.later;
  }

  #leap(to: number): void {
    this.#leaps++;
    this.#clock.goTo(to);
    this.#wake();
  }

  #wake(): void {
    for (const one of this.#processes) if (!this.#frozen.get(one.name)) one.lifecycle.runner.wake();
  }

  async #mishap(): Promise<{ name: string; act: () => Promise<void> | void } | undefined> {
    if (this.#befallen || this.#scenario.mishap === "none") return undefined;
    if (this.#scenario.mishap === "killed") return { name: "kill", act: () => this.#kill() };
    if (!(await this.#witness.isLeased(this.#town.leases.now))) return undefined;
    return { name: "leases end", act: () => this.#endLeases() };
  }

  /** The process stops where it stands; another starts on its store, and whoever had no answer asks again. */
  async #kill(): Promise<void> {
    this.#befallen = true;
    this.#frozen.set("one", true);
    this.#town.listeners.delete("one");
    const second = await this.#open("two", true);
    for (const [index, move] of this.#scenario.moves.entries()) {
      const answer = this.#answers[index];
      if (answer && answer.value === undefined && !answer.refused) this.#ask(second, move);
    }
  }

  async #endLeases(): Promise<void> {
    this.#befallen = true;
    this.#town.leases.now += PAST_LEASE_MS;
    if (this.#scenario.mishap === "overtaken") await this.#open("two", false);
    this.#wake();
  }

  /** What a stopped process was about to write comes late: a paused one goes on like that. All of it is turned away. */
  async #release(): Promise<void> {
    if (!this.#frozen.get("one")) return;
    const late = this.#gates.waiting.filter((one) => one.process === "one");
    for (const gate of late) {
      const before = ASKED.has(gate.label) || gate.label === "claim" ? undefined : await this.#witness.digest();
      this.#trace.push(`late ${gate.label}`);
      this.#gates.open(gate);
      await this.#gates.quiet();
      if (before !== undefined && (await this.#witness.digest()) !== before)
        this.#witness.broken.push(`a late ${gate.label} of the stopped process was let in`);
    }
    this.#frozen.delete("one");
    while (await this.#step());
  }

  #judgeAnswers(): void {
    for (const { move, value, refused } of this.#answers) {
      if (refused && !(refused instanceof NotAccepted) && !(refused instanceof Fault))
        this.#witness.broken.push(`${move} failed: ${refused.stack ?? refused.message}`);
      if (!refused && value === undefined) this.#witness.broken.push(`${move} was never answered`);
    }
  }

  async #close(): Promise<void> {
    for (const one of this.#processes) await one.lifecycle.stop();
  }
}
