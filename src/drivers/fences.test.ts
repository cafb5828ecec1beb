import assert from "node:assert/strict";
import { test } from "node:test";
import { freshStore, START } from "../../test/store.ts";
import { MovableClock } from "../clock.ts";
import { openStore } from "../store/index.ts";
import { Fences } from "./fences.ts";
import { Refusal } from "./port.ts";
import { stamp } from "./stamp-testing.ts";

test("a call under a lower fence than the thing's highest is turned away, and forgotten in the end", async (t) => {
  const fresh = await freshStore();
  const store = await openStore(fresh.store);
  t.after(async () => {
    await store.close();
    await fresh.remove();
  });
  const clock = new MovableClock({ frozenAt: START });
  const fences = new Fences(store, clock);
  await fences.pass("volume-a", stamp(3));
  await fences.pass("volume-a", stamp(3));
  await assert.rejects(fences.pass("volume-a", stamp(2)), Refusal);
  await fences.pass("volume-b", stamp(1));
  await new Fences(store, clock).pass("volume-a", stamp(4));
  await assert.rejects(fences.pass("volume-a", stamp(3)), /higher fence than this call's 3/);
  clock.advance(25 * 3_600_000);
  await fences.pass("volume-b", stamp(1));
  const rows = await store.read((session) => session.all<{ ref: string }>("SELECT ref FROM driver_fences"));
  assert.deepEqual(
    rows.map((row) => row.ref),
    ["volume-b"],
  );
});
