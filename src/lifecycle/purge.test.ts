import assert from "node:assert/strict";
import { test } from "node:test";
import { BOX, startKernel, THING } from "../../test/kernel.ts";
import type { Kind, Step } from "./index.ts";

const HOUR = 3_600_000;

const done: Step = { perform: async () => {}, probe: async () => ({ is: "done" }) };
const turning = { from: ["READY"], during: "TURNING", then: "READY", failed: "READY", version: 1 };

/** A thing that can be turned, again and again. */
const TURNED: Kind = {
  ...THING,
  verbs: { ...THING.verbs, turn: { ...turning, plan: () => ["left", "right"] } },
  steps: { ...THING.steps, left: done, right: done },
};

test("what is used without end does not grow without end, and still tells where it stands", async (t) => {
  const kernel = await startKernel(t, { kinds: [TURNED, BOX] });
  await kernel.create({ id: "t1" });
  await kernel.pass(HOUR);
  for (let turn = 0; turn < 5; turn++) {
    await kernel.submit("turn", "toy.thing", "t1");
    await kernel.lifecycle.runner.settled();
  }
  const told = await kernel.count("events");
  await kernel.lifecycle.scan();
  assert.equal(await kernel.count("events"), told, "nothing is old enough");
  await kernel.pass(HOUR + 1);
  const before = await kernel.lifecycle.why("t1");
  await kernel.lifecycle.scan();
  const left = await kernel.store.read((session) =>
    session.all<{ type: string; n: number }>("SELECT type, count(*) AS n FROM events GROUP BY type ORDER BY type"),
  );
  assert.deepEqual(
    left.map(({ type, n }) => [type, n]),
    [
      ["accepted", 1],
      ["created", 1],
      ["ended", 1],
      ["state", 1],
      ["step-done", 2],
    ],
  );
  assert.deepEqual(await kernel.lifecycle.why("t1"), before);
});

test("what is gone keeps its events as long as it can be read, however old they are", async (t) => {
  const kernel = await startKernel(t, { kinds: [TURNED, BOX] });
  await kernel.create({ id: "t1" });
  await kernel.pass(HOUR);
  for (let turn = 0; turn < 3; turn++) {
    await kernel.submit("turn", "toy.thing", "t1");
    await kernel.lifecycle.runner.settled();
  }
  await kernel.pass(HOUR / 2);
  await kernel.submit("delete", "toy.thing", "t1");
  await kernel.pass(HOUR / 2 + 1);
  const told = await kernel.count("events");
  await kernel.lifecycle.scan();
  assert.equal(await kernel.count("events"), told);
  await kernel.pass(HOUR);
  await kernel.lifecycle.scan();
  assert.equal(await kernel.count("events"), 0);
});
