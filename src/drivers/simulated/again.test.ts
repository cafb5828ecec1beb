import assert from "node:assert/strict";
import { test } from "node:test";
import { startKernel } from "../../../test/kernel.ts";
import { Refusal } from "../port.ts";
import { stamp } from "../stamp-testing.ts";

const HOUR = 3_600_000;

test("what was unmade long ago and is unmade again turns a late call of its maker away", async (t) => {
  const { drivers, clock } = await startKernel(t, { factor: 0 });
  const world = drivers.notebooks;
  await world.make("volume", "volume-1", { sizeGb: 1 }, stamp(1));
  await world.unmake("volume", "volume-1", stamp(2));
  clock.advance(HOUR);
  await world.unmake("volume", "volume-1", stamp(4));
  await assert.rejects(world.make("volume", "volume-1", { sizeGb: 1 }, stamp(3)), Refusal);
  assert.deepEqual(await world.marked(), []);
});

test("what an operation has begun to make is not begun anew by its change to the same", async (t) => {
  const { drivers } = await startKernel(t);
  const world = drivers.notebooks;
  await world.make("volume", "volume-1", { sizeGb: 1 }, stamp(1));
  const making = await world.look("volume", "volume-1");
  await world.change("volume", "volume-1", { sizeGb: 1 }, { ...stamp(1), fence: 2 });
  assert.deepEqual(await world.look("volume", "volume-1"), making);
  await world.change("volume", "volume-1", { sizeGb: 1 }, stamp(3));
  assert.notDeepEqual(await world.look("volume", "volume-1"), making);
});
