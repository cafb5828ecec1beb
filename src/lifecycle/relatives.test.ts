import assert from "node:assert/strict";
import { test } from "node:test";
import { BOX, type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { Refusal } from "../drivers/port.ts";
import { childrenAre, childrenGone, type Kind, type Step } from "./index.ts";

const LONG = 60_000;

/** A box that takes its things with it. */
const taking = (step: Step): Kind => ({
  ...BOX,
  verbs: { ...BOX.verbs, delete: { ...BOX.verbs.delete!, guards: [], cascade: [THING.name], plan: () => ["emptied"] } },
  steps: { emptied: step },
});

const ended = async (kernel: Kernel, id: string) => {
  while ((await kernel.state(id)) !== "ENDED") await new Promise((resolve) => setImmediate(resolve));
};

test("a delete takes the children of its cascade with it, as one job, and ends after them", async (t) => {
  const kernel = await startKernel(t, { kinds: [THING, taking(childrenGone(THING.name))] });
  await kernel.create({ id: "b1", kind: BOX.name });
  for (const id of ["t1", "t2"]) await kernel.create({ id, parentId: "b1" });
  await kernel.pass(LONG);
  const { operation } = await kernel.submit("delete", BOX.name, "b1");
  await kernel.lifecycle.runner.settled();
  assert.deepEqual(
    [await kernel.state("b1"), await kernel.state("t1"), await kernel.state("t2")],
    ["ENDING", "ENDING", "ENDING"],
  );
  assert.equal((await kernel.lifecycle.job("tenant-one", operation.jobId)).length, 3);
  await kernel.pass(10_000);
  assert.deepEqual(
    [await kernel.state("b1"), await kernel.state("t1"), await kernel.state("t2")],
    ["ENDED", "ENDED", "ENDED"],
  );
});

test("a child that ends while its parent is looking is not missed", async (t) => {
  const looked = Promise.withResolvers<void>();
  const inner = childrenGone(THING.name);
  let kernel: Kernel | undefined;
  let looks = 0;
  const slowLook: Step = {
    ...inner,
    async probe(work) {
      const answer = await inner.probe(work);
      if (++looks === 1 && kernel) {
        looked.resolve();
        await ended(kernel, "t1");
      }
      return answer;
    },
  };
  kernel = await startKernel(t, { kinds: [THING, taking(slowLook)], factor: 0 });
  const unmake = kernel.drivers.notebooks.unmake.bind(kernel.drivers.notebooks);
  t.mock.method(kernel.drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) => {
    await looked.promise;
    return unmake(...args);
  });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "t1", parentId: "b1" });
  await kernel.lifecycle.runner.settled();
  await kernel.submit("delete", BOX.name, "b1");
  await kernel.lifecycle.runner.settled();
  assert.equal(await kernel.state("b1"), "ENDED", "with the clock standing still, nothing else makes it due again");
  assert.equal(looks, 2);
});

test("a parent's progress wakes the children that wait for it", async (t) => {
  const parentReady: Step = {
    perform: async () => {},
    probe: async ({ drivers }) =>
      (await drivers.notebooks.look("volume", "shared")).is === "ready"
        ? { is: "done" }
        : { is: "not-yet", again: 10 * LONG, waitingFor: "the box" },
  };
  const child: Kind = {
    ...THING,
    verbs: { ...THING.verbs, create: { ...THING.verbs.create!, plan: () => ["wait"] } },
    steps: { ...THING.steps, wait: parentReady },
  };
  const making: Step = {
    perform: ({ drivers }) =>
      drivers.notebooks.make(
        "volume",
        "shared",
        { sizeGb: 1 },
        { tenant: "t", kind: "toy.box", resourceId: "b1", incarnation: "1", operationId: "o1", fence: 1 },
      ),
    probe: async ({ drivers }) => {
      const look = await drivers.notebooks.look("volume", "shared");
      return look.is === "ready"
        ? { is: "done" }
        : { is: "not-yet", again: "again" in look ? look.again : 1_000, waitingFor: "the volume" };
    },
  };
  const box: Kind = {
    ...BOX,
    verbs: { ...BOX.verbs, create: { ...BOX.verbs.create!, plan: () => ["making", "children"] } },
    steps: { making, children: childrenAre("READY", THING.name) },
  };
  const kernel = await startKernel(t, { kinds: [child, box] });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "t1", parentId: "b1" });
  await kernel.pass(LONG);
  assert.deepEqual([await kernel.state("t1"), await kernel.state("b1")], ["READY", "READY"]);
});

test("a child that is stuck freezes its parent, which says why, and goes on once the child is gone", async (t) => {
  const kernel = await startKernel(t, { kinds: [THING, taking(childrenGone(THING.name))] });
  await kernel.create({ id: "b1", kind: BOX.name });
  await kernel.create({ id: "t1", parentId: "b1" });
  await kernel.pass(LONG);
  const refusing = t.mock.method(kernel.drivers.notebooks, "unmake", async () => {
    throw new Refusal("the disk is bad", { owner: "an operator", hint: "replace the disk", forGood: true });
  });
  await kernel.submit("delete", BOX.name, "b1");
  await kernel.pass(LONG);
  assert.deepEqual([await kernel.state("b1"), await kernel.state("t1")], ["ENDING", "STUCK"]);
  const answer = (await kernel.lifecycle.operations("b1")).at(-1)?.answer;
  assert.match(JSON.stringify(answer), /toy\.thing t1 is STUCK: the disk is bad/);
  refusing.mock.restore();
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(10_000);
  assert.deepEqual([await kernel.state("b1"), await kernel.state("t1")], ["ENDED", "ENDED"]);
});
