import assert from "node:assert/strict";
import { test } from "node:test";
import { CALLER, type Kernel, startKernel, THING } from "../../test/kernel.ts";
import { Refusal } from "../drivers/port.ts";
import { LeaseLost } from "./errors.ts";
import { claim, heartbeat } from "./leases.ts";
import { checkpoint } from "./operations.ts";

const LONG = 60_000;
const DEAD = "a-process-that-died";

const claimAs = (kernel: Kernel, owner: string) =>
  kernel.store.write("test", (tx) => claim(tx, owner, kernel.clock.now(), 10));
const expire = (kernel: Kernel) =>
  kernel.store.write("test", (tx) =>
    tx.run(`UPDATE operations SET lease_until = ${tx.dbNow} - 1 WHERE owner = ?`, [DEAD]),
  );

test("a claimed operation is nobody else's until its lease has run out", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  await kernel.create({ id: "t1" });
  const [first] = await claimAs(kernel, DEAD);
  assert.equal(first?.fence, 2);
  assert.deepEqual(await claimAs(kernel, "another"), []);
  await expire(kernel);
  const [second] = await claimAs(kernel, "another");
  assert.equal(second?.fence, 3, "the fence grows with each claim");
});

test("a heartbeat keeps the lease", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  const { operation } = await kernel.create({ id: "t1" });
  await claimAs(kernel, DEAD);
  await expire(kernel);
  await kernel.store.write("test", (tx) => heartbeat(tx, DEAD, [operation.id]));
  assert.deepEqual(await claimAs(kernel, "another"), []);
});

test("what a process is still walking it does not claim again, also when its lease has run out", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  const called = Promise.withResolvers<void>();
  const latch = Promise.withResolvers<void>();
  const unmake = kernel.drivers.notebooks.unmake.bind(kernel.drivers.notebooks);
  const calls = t.mock.method(kernel.drivers.notebooks, "unmake", async (...args: Parameters<typeof unmake>) => {
    called.resolve();
    await latch.promise;
    return unmake(...args);
  });
  const { operation } = await kernel.submit("delete", THING.name, "t1");
  await called.promise;
  await kernel.store.write("test", (tx) =>
    tx.run(`UPDATE operations SET lease_until = ${tx.dbNow} - 1 WHERE id = ?`, [operation.id]),
  );
  for (let turn = 0; turn < 20; turn++) {
    kernel.lifecycle.runner.wake();
    await kernel.store.write("test", async () => {});
  }
  assert.equal((await kernel.lifecycle.operations("t1")).at(-1)?.fence, operation.fence + 1);
  latch.resolve();
  await kernel.pass(LONG);
  assert.equal(calls.mock.callCount(), 1);
  assert.equal(await kernel.state("t1"), "ENDED");
});

test("who has lost the lease cannot write progress, even with work done", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  await kernel.create({ id: "t1" });
  const [stale] = await claimAs(kernel, DEAD);
  assert.ok(stale);
  await expire(kernel);
  await claimAs(kernel, "another");
  await assert.rejects(
    kernel.store.write("test", (tx) => checkpoint(tx, stale, DEAD, { ...stale, step: 1, keepLease: false })),
    LeaseLost,
  );
  const [operation] = await kernel.lifecycle.operations("t1");
  assert.equal(operation?.step, 0);
});

test("the operations of a dead process go on, each at its step", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  await kernel.create({ id: "t1" });
  await kernel.create({ id: "t2" });
  assert.equal((await claimAs(kernel, DEAD)).length, 2);
  await expire(kernel);
  await kernel.lifecycle.start();
  await kernel.pass(LONG);
  assert.deepEqual([await kernel.state("t1"), await kernel.state("t2")], ["READY", "READY"]);
});

test("the world turns away a call with an older fence", async (t) => {
  const kernel = await startKernel(t, { stopped: true });
  const stamp = { tenant: CALLER.tenant, kind: THING.name, resourceId: "t1", incarnation: "1", operationId: "o1" };
  const { notebooks } = kernel.drivers;
  await notebooks.make("volume", "v1", { sizeGb: 1 }, { ...stamp, fence: 5 });
  await assert.rejects(notebooks.unmake("volume", "v1", { ...stamp, fence: 4 }), Refusal);
  await notebooks.unmake("volume", "v1", { ...stamp, fence: 6 });
  kernel.clock.advance(LONG);
  await assert.rejects(
    notebooks.make("volume", "v1", { sizeGb: 1 }, { ...stamp, fence: 5 }),
    Refusal,
    "a late maker cannot bring back what was unmade",
  );
  assert.deepEqual(await notebooks.marked(), []);
});

test("the scan starts a stranded resource again, counts it, and finds nothing the next time", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  await kernel.submit("delete", THING.name, "t1");
  await kernel.lifecycle.runner.settled();
  await kernel.store.write("test", (tx) => tx.run("DELETE FROM operations WHERE verb = 'delete'"));
  assert.deepEqual(await kernel.lifecycle.scan(), { stranded: 1, overdue: 0, leaked: 0, unheld: 0, purged: 0 });
  await kernel.pass(LONG);
  assert.equal(await kernel.state("t1"), "ENDED");
  assert.deepEqual(await kernel.lifecycle.scan(), { stranded: 0, overdue: 0, leaked: 0, unheld: 0, purged: 0 });
});

test("the scan shows a holding that outlived its resource, and does not purge it away", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  await kernel.store.write("test", (tx) =>
    tx.run("UPDATE resources SET gone_at = ?, state = 'ENDED' WHERE id = 't1'", [kernel.clock.now()]),
  );
  assert.equal((await kernel.lifecycle.scan()).leaked, 1);
  await kernel.pass(24 * 3_600_000);
  assert.equal((await kernel.lifecycle.scan()).leaked, 1);
  assert.equal(await kernel.count("resources"), 1);
});

test("a gone resource leaves the store with everything known of it when its time is over", async (t) => {
  const kernel = await startKernel(t);
  await kernel.create({ id: "t1" });
  await kernel.pass(LONG);
  await kernel.submit("delete", THING.name, "t1");
  await kernel.pass(LONG);
  assert.equal((await kernel.lifecycle.scan()).purged, 0);
  await kernel.pass(3_600_001);
  assert.equal((await kernel.lifecycle.scan()).purged, 1);
  for (const table of ["resources", "operations", "holdings", "events", "links"])
    assert.equal(await kernel.count(table), 0, table);
});
