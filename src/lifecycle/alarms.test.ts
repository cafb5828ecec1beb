import assert from "node:assert/strict";
import { test } from "node:test";
import { startKernel } from "../../test/kernel.ts";
import type { WriteHooks } from "../store/index.ts";

test("an alarm that the store would not take rings again later", async (t) => {
  let failing = 1;
  const hooks: WriteHooks = {
    async written(point, session) {
      const ringing = point === "accept" && (await session.get("SELECT id FROM operations WHERE verb = 'delete'"));
      if (ringing && failing-- > 0) throw new Error("the disk is full");
    },
  };
  const kernel = await startKernel(t, { hooks });
  await kernel.create({ id: "t1" });
  await kernel.pass(10_000);
  await kernel.store.write("test", (tx) =>
    tx.run("UPDATE resources SET alarm_at = ?, alarm_verb = 'delete' WHERE id = 't1'", [kernel.clock.now()]),
  );
  await kernel.pass(30_000);
  assert.equal(await kernel.state("t1"), "READY");
  await kernel.pass(60_000);
  assert.equal(await kernel.state("t1"), "ENDED");
});
