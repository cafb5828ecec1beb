import assert from "node:assert/strict";
import { test } from "node:test";
import { EVS } from "../../notebooks.ts";
import { notebooksOf } from "./notebooks.ts";
import { assertNothingLeft, names, startReal, volumes } from "./rig.ts";

const HOUR = 3_600_000;

test("a notebook's real container ends when its time on Ebb's clock is over, and its volume stays for a delete", async (t) => {
  const real = await startReal(t);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(EVS, { enable: true, duration: 3_600 });
  await notebooks.running(id);
  await real.ebb.pass(HOUR / 2);
  assert.equal((await names()).length, 1, "half an hour is not enough");
  await real.ebb.pass(HOUR / 2);
  await notebooks.stopped(id);
  assert.deepEqual(await names(), []);
  assert.equal((await volumes()).length, 1);
  await notebooks.end(id);
  await assertNothingLeft(real);
});
