import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { build, exploreAll, memoryStore } from "../prove/race/explore.ts";
import type { Mishap } from "../prove/race/schedule.ts";
import type { Stage } from "../prove/race/stage.ts";
import { toy } from "../prove/race/stages/toy.ts";
import { type Kind, unmakes } from "../src/lifecycle/index.ts";

const LIMIT = { schedules: 1_000, steps: 100_000 };

/** Explores every schedule of some moves of a stage, and answers what broke in the first that failed. */
async function breaks(
  t: TestContext,
  stage: Stage,
  names: readonly string[],
  { mishap = "none", delays }: { mishap?: Mishap; delays?: number } = {},
) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { store, close } = await memoryStore();
  t.after(close);
  const moves = names.flatMap((name) => stage.moves.find((one) => one.name === name) ?? []);
  assert.equal(moves.length, names.length);
  const explored = await exploreAll(await build(stage, store), { moves, mishap }, LIMIT, delays);
  return { ...explored, first: explored.failed[0]?.broken.join("\n") ?? "" };
}

const change = (name: string, over: (kind: Kind) => Kind): Stage => ({
  ...toy,
  kinds: toy.kinds.map((kind) => (kind.name === name ? over(kind) : kind)),
});

test("every order of two deletes, and of a delete and a creation inside, keeps the promises", async (t) => {
  const deletes = await breaks(t, toy, ["delete-thing", "delete-thing"]);
  assert.deepEqual([deletes.all, deletes.first], [true, ""]);
  assert.ok(deletes.schedules > 10);
  t.mock.timers.reset();
  const inside = await breaks(t, toy, ["delete-box", "create-in-box"]);
  assert.deepEqual([inside.all, inside.first], [true, ""]);
});

test("the proof sees a guard that is missing", async (t) => {
  const unguarded = change("toy.box", (kind) => ({
    ...kind,
    verbs: { ...kind.verbs, delete: { ...kind.verbs.delete!, guards: [] } },
  }));
  const { first } = await breaks(t, unguarded, ["delete-box", "create-in-box"]);
  assert.match(first, /lives on under its gone parent/);
});

test("the proof sees a step that leaves its thing behind", async (t) => {
  const forgetful = change("toy.thing", (kind) => ({
    ...kind,
    steps: { ...kind.steps, unmake: { ...unmakes("notebooks", "volume"), perform: async () => {} } },
  }));
  const { first } = await breaks(t, forgetful, ["delete-thing"]);
  assert.match(first, /delete of .* has not ended/);
});

test("a process that is killed at any step, and one that loses its leases at any, is followed by another", async (t) => {
  const killed = await breaks(t, toy, ["delete-thing"], { mishap: "killed" });
  assert.deepEqual([killed.all, killed.first], [true, ""]);
  t.mock.timers.reset();
  const overtaken = await breaks(t, toy, ["delete-thing"], { mishap: "overtaken", delays: 2 });
  assert.deepEqual([overtaken.all, overtaken.first], [true, ""]);
});
