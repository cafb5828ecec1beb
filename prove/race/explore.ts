import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type Store, type StoreAddress } from "../../src/store/index.ts";
import { DepthFirst, Seeded } from "./choosers.ts";
import { Gates } from "./gates.ts";
import { ModelClock } from "./model-clock.ts";
import { type Outcome, type Scenario, type Scene, Schedule } from "./schedule.ts";
import type { Stage } from "./stage.ts";
import { takeTemplate } from "./template.ts";
import { openProcess } from "./town.ts";

const START = Date.UTC(2026, 0, 5, 8, 0, 0);

/** Opens a store in memory where the system has a folder for that: no schedule outlives its process. */
export async function memoryStore(): Promise<{ store: Store; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "ebb-race-"));
  const address: StoreAddress = { kind: "sqlite", file: join(folder, "ebb.db") };
  const store = await openStore(address);
  const close = async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { store, close };
}

/** Puts a stage's furniture into a store, and notes what it then holds. */
export async function build(stage: Stage, store: Store): Promise<Scene> {
  const clock = new ModelClock(START);
  const town = { gates: new Gates(), leases: { now: 1_000 }, listeners: new Map(), committed: async () => {} };
  const process = openProcess(town, { name: "furnisher", stage, store, clock, alone: true });
  const { lifecycle } = process;
  await stage.service?.start?.(process.house);
  await lifecycle.start();
  const pass = async (ms: number) => {
    const end = clock.now() + ms;
    for (;;) {
      await lifecycle.runner.settled();
      const { later } = await lifecycle.runner.due();
      if (later === undefined || later > end) break;
      clock.goTo(later);
    }
    clock.goTo(end);
    await lifecycle.runner.settled();
  };
  const things = await stage.furnish(process.hands("furnish"), pass);
  await lifecycle.stop();
  return { stage, store, things, template: await takeTemplate(store), start: clock.now(), touched: new Set() };
}

/** What is told of a schedule in which a promise broke. */
export interface Failure {
  broken: string[];
  trace: string[];
  path: number[];
}

export interface Explored {
  schedules: number;
  /** True when nothing is left to explore. */
  all: boolean;
  failed: Failure[];
  /** Steps of the longest schedule, and of all. */
  longest: number;
  steps: number;
}

/** How much of a scenario is explored at most. */
export interface Bound {
  schedules: number;
  /** Of all of them: what a schedule takes is its steps. */
  steps: number;
}

const FAILED_MOST = 3;
const PROBES = 10;

/** Every schedule of a scenario, or every one with at most so many delays, within a bound. */
export async function exploreAll(scene: Scene, scenario: Scenario, most: Bound, delays?: number): Promise<Explored> {
  const chooser = new DepthFirst(delays);
  const explored: Explored = { schedules: 0, all: false, failed: [], longest: 0, steps: 0 };
  do {
    note(explored, await new Schedule(scene, scenario, chooser).run());
    if (explored.failed.length >= FAILED_MOST) return explored;
    if (explored.schedules >= most.schedules || explored.steps >= most.steps) return explored;
  } while (chooser.next());
  return { ...explored, all: true };
}

/** Some schedules by chance. */
export async function exploreSome(scene: Scene, scenario: Scenario, count: number, seed: number): Promise<Explored> {
  const explored: Explored = { schedules: 0, all: false, failed: [], longest: 0, steps: 0 };
  for (let index = 0; index < count && explored.failed.length < FAILED_MOST; index++)
    note(explored, await new Schedule(scene, scenario, new Seeded(seed * 100_003 + index)).run());
  return explored;
}

/** About how many schedules a scenario has: what a few by chance say of the tree that they are branches of. */
export async function estimate(scene: Scene, scenario: Scenario, seed: number): Promise<number> {
  let sum = 0;
  for (let index = 0; index < PROBES; index++) {
    const chooser = new Seeded(seed * 7_919 + index);
    await new Schedule(scene, scenario, chooser).run();
    sum += chooser.branches;
  }
  return sum / PROBES;
}

function note(explored: Explored, { broken, trace, path }: Outcome): void {
  explored.schedules++;
  explored.longest = Math.max(explored.longest, trace.length);
  explored.steps += trace.length;
  if (broken.length > 0) explored.failed.push({ broken, trace, path });
}
