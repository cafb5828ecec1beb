import assert from "node:assert/strict";
import { test } from "node:test";
import { startKernel, THING } from "../../test/kernel.ts";
import type { Look } from "../drivers/port.ts";

const STAGES = 3;

test("a thing that goes on only when it is called for again is called for before each look", async (t) => {
  const kernel = await startKernel(t);
  const world = kernel.drivers.notebooks;
  await kernel.create({ id: "t1" });
  await kernel.pass(60_000);
  let stage = 0;
  t.mock.method(world, "unmake", async () => {
    stage++;
  });
  t.mock.method(world, "look", async (): Promise<Look<object>> => {
    return stage < STAGES ? { is: "unmaking", again: 1_000, pushed: true } : { is: "absent" };
  });
  await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  assert.equal(stage, 1);
  await kernel.pass(1_000 * STAGES);
  assert.equal(stage, STAGES);
  assert.equal(await kernel.state("t1"), "ENDED");
});
