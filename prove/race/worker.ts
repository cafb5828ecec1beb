import { mock } from "node:test";
import { openStore, type Store } from "../../src/store/index.ts";
import { freshDatabase } from "../../test/postgres.ts";
import { build, type Explored, estimate, exploreAll, exploreSome, memoryStore } from "./explore.ts";
import type { Scene } from "./schedule.ts";
import { STAGES } from "./stages/index.ts";
import type { Effort, Task } from "./tasks.ts";

/** How much of a scenario was explored: every schedule, those with so many delays, or some of those. */
export type Cover = "all" | "delays" | "some";

export interface Done extends Explored {
  task: Task;
  cover: Cover;
}

/** What a worker is started with, as its only argument. */
export interface Orders {
  effort: Effort;
  seed: number;
}

const { effort, seed } = JSON.parse(process.argv[2] ?? "{}") as Orders;
const closing: (() => Promise<void>)[] = [];

async function openFor(task: Task): Promise<Store> {
  if (task.store === "sqlite") {
    const { store, close } = await memoryStore();
    closing.push(close);
    return store;
  }
  const database = await freshDatabase();
  const store = await openStore({ kind: "postgres", url: database.url });
  closing.push(() => store.close());
  return store;
}

const scenes = new Map<string, Scene>();

async function sceneOf(task: Task): Promise<Scene> {
  const name = `${task.store} ${task.stage}`;
  const stage = STAGES.find((one) => one.name === task.stage);
  if (!stage) throw new Error(`no stage is named ${task.stage}`);
  const scene = scenes.get(name) ?? (await build(stage, await openFor(task)));
  scenes.set(name, scene);
  return scene;
}

async function explore(task: Task): Promise<Done> {
  const scene = await sceneOf(task);
  const moves = task.moves.flatMap((name) => scene.stage.moves.find((one) => one.name === name) ?? []);
  const scenario = { moves, mishap: task.mishap };
  if (task.kind === "triple") {
    return { task, cover: "some", ...(await exploreSome(scene, scenario, effort.samples, seed)) };
  }
  const most = effort.most[task.store];
  const size = await estimate(scene, scenario, seed);
  if (size <= most.schedules) {
    // What chance says of a tree's size is rough.
    const explored = await exploreAll(scene, scenario, { schedules: most.schedules * 4, steps: most.steps * 4 });
    return { task, cover: explored.all ? "all" : "some", ...explored };
  }
  const explored = await exploreAll(scene, scenario, most, effort.delays);
  return { task, cover: explored.all ? "delays" : "some", ...explored };
}

async function end(): Promise<void> {
  for (const one of closing) await one();
  process.disconnect();
}

// A schedule's time is its own: no heartbeat and no poll comes between its steps.
mock.timers.enable({ apis: ["setInterval"] });

async function obey(task: Task | "end"): Promise<void> {
  if (task === "end") await end();
  else process.send?.(await explore(task));
}

// An error ends the process, and with it the proof.
process.on("message", (task: Task | "end") => void obey(task));
