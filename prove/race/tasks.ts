import { createIds, seededRandom } from "../../src/ids.ts";
import type { Bound } from "./explore.ts";
import type { Mishap } from "./schedule.ts";
import type { Stage } from "./stage.ts";

/** One scenario to explore, by names, so that it can be handed to a worker. */
export interface Task {
  kind: "pair" | "triple";
  stage: string;
  moves: string[];
  mishap: Mishap;
  store: "sqlite" | "postgres";
}

export interface Effort {
  /** A scenario with about more schedules than this is not explored whole. A server takes many times longer than memory. */
  most: Record<Task["store"], Bound>;
  /** How often a schedule of such a one departs from the order of arrival. */
  delays: number;
  /** Triples of each stage, and schedules of each. */
  triples: number;
  samples: number;
}

/** What a run of every change can afford. */
export const USUAL: Effort = {
  most: { sqlite: { schedules: 80, steps: 1_000 }, postgres: { schedules: 20, steps: 250 } },
  delays: 1,
  triples: 6,
  samples: 6,
};
export const DEEP: Effort = {
  most: { sqlite: { schedules: 600, steps: 8_000 }, postgres: { schedules: 60, steps: 1_000 } },
  delays: 2,
  triples: 12,
  samples: 12,
};

export const nameOf = ({ stage, moves, mishap, store }: Task): string =>
  [stage, moves.join(" x "), ...(mishap === "none" ? [] : [mishap]), ...(store === "sqlite" ? [] : [store])].join(": ");

/** Every two moves of a stage, and every move with a mishap: pairs of actors. In the first stage a second process stands beside it, too. */
function pairsOf(stage: Stage, first: boolean): Task[] {
  const names = stage.moves.map((move) => move.name);
  const task = (moves: string[], mishap: Mishap): Task => ({
    kind: "pair",
    stage: stage.name,
    moves,
    mishap,
    store: "sqlite",
  });
  const two = names.flatMap((a, index) => names.slice(index).map((b) => task([a, b], "none")));
  const alone = names.flatMap((name) => [task([name], "killed"), task([name], "overtaken")]);
  const beside = first ? names.slice(0, 1) : [];
  return [...two, ...alone, ...beside.map((name) => task([name], "beside"))];
}

/** By chance: three moves, or two with a mishap. */
function triplesOf(stage: Stage, effort: Effort, seed: number): Task[] {
  const ids = createIds(seededRandom(seed));
  const pick = <T>(from: readonly T[]): T => from[Math.floor(ids.fraction() * from.length)] as T;
  return Array.from({ length: effort.triples }, () => {
    const mishap = pick<Mishap>(["none", "none", "killed", "overtaken"]);
    const moves = Array.from({ length: mishap === "none" ? 3 : 2 }, () => pick(stage.moves).name);
    return { kind: "triple" as const, stage: stage.name, moves, mishap, store: "sqlite" as const };
  });
}

/** The first move of each stage, its delete, killed and taken over on the store that processes share. */
const onPostgres = (stage: Stage): Task[] =>
  (["killed", "overtaken"] as const).map((mishap) => ({
    kind: "pair",
    stage: stage.name,
    moves: stage.moves.slice(0, 1).map((move) => move.name),
    mishap,
    store: "postgres",
  }));

export function planOf(stages: readonly Stage[], effort: Effort, seed: number): Task[] {
  return stages.flatMap((stage, index) => [
    ...onPostgres(stage),
    ...pairsOf(stage, index === 0),
    ...triplesOf(stage, effort, seed * 1_009 + index),
  ]);
}
