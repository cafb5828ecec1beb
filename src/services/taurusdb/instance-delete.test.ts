import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, FLAVOR, forGood, startDatabases } from "./taurusdb-testing.ts";

test("a deletion takes the proxies and nodes with it as one job, and shows the last status until all is gone", async (t) => {
  const { ebb, base, ask, instances, proxies, job, jobStatus, assertClean } = await startDatabases(t);
  const id = await instances.up({ slave_count: 2 });
  await proxies.up(id);
  await proxies.up(id);
  const { status, body } = await instances.delete(id);
  assert.equal(status, 200);
  assert.deepEqual(body, { job_id: body.job_id, order_id: null });
  assert.equal((await ebb.house.lifecycle.job(ebb.one.projectId, body.job_id)).length, 6);
  const running = (await job(body.job_id)).body.job;
  assert.deepEqual([running.name, running.status], ["DeleteGaussDBforMySQLInstance", "Running"]);
  const during = (await instances.show(id)).body.instance;
  assert.deepEqual([during.status, during.nodes[0].status], ["ACTIVE", "ACTIVE"]);
  assert.deepEqual(Object.values(await proxies.statuses(id)), ["DISABLING PROXY", "DISABLING PROXY"]);
  await ebb.pass(3 * 60_000);
  const later = (await instances.show(id)).body.instance;
  assert.deepEqual([later.status, later.nodes, later.proxies], ["ACTIVE", [], []]);
  assert.equal(await jobStatus(body.job_id), "Running");
  await ebb.pass(A_WHILE);
  const done = (await job(body.job_id)).body.job;
  assert.deepEqual([done.status, done.instance], ["Completed", { id, name: "orders-db" }]);
  assertRefused(await instances.show(id), 404, "200002");
  assertRefused(await instances.delete(id), 404, "200002");
  assertRefused(await proxies.list(id), 404, "201028");
  assertRefused(await proxies.create(id), 404, "201028");
  assertRefused(await proxies.delete(id), 404, "201028");
  assert.deepEqual((await ask("GET", `${base}/instances`)).body, { instances: [], total_count: 0 });
  await assertClean();
});

test("asked again while it is deleted, the same job is answered, for the database and for its proxies", async (t) => {
  const { ebb, base, ask, instances, proxies } = await startDatabases(t);
  const id = await instances.up();
  const [proxy] = [await proxies.up(id), await proxies.up(id)];
  const first = await instances.delete(id);
  await ebb.pass(60_000);
  const again = await instances.delete(id);
  assert.deepEqual([again.status, again.body], [200, first.body]);
  assert.deepEqual((await proxies.delete(id, [proxy])).body, { job_id: first.body.job_id });
  const [, replica] = (await instances.show(id)).body.instance.nodes;
  const node = await ask("DELETE", `${base}/instances/${id}/nodes/${replica.id}`);
  assert.deepEqual([node.status, node.body], [200, first.body]);
  const deletes = (await ebb.house.lifecycle.operations(id)).filter((one) => one.verb === "delete");
  assert.equal(deletes.length, 1);
  assertRefused(await proxies.create(id), 409, "200047");
  assertRefused(await ask("POST", `${base}/instances/${id}/nodes/enlarge`, { priorities: [1] }), 409, "200047");
});

test("a database that is being built, or in which something runs, is busy, and everything in the way is named", async (t) => {
  const { ebb, base, ask, instances, proxies } = await startDatabases(t);
  const { body } = await instances.create();
  const { id } = body.instance;
  assertRefused(await instances.delete(id), 409, "200047");
  assertRefused(await proxies.create(id), 409, "200047");
  await ebb.pass(A_WHILE);
  const leaving = await proxies.up(id);
  await proxies.delete(id, [leaving]);
  await proxies.create(id);
  const refused = await instances.delete(id);
  assertRefused(refused, 409, "200047");
  for (const [proxy, status] of Object.entries(await proxies.statuses(id))) {
    const inTheWay = refused.body.error_msg.includes(`${proxy} is ${status}`);
    assert.equal(inTheWay, status === "ENABLING PROXY", refused.body.error_msg);
  }
  await ebb.pass(A_WHILE);
  await ask("POST", `${base}/instances/${id}/nodes/enlarge`, { priorities: [1] });
  assertRefused(await instances.delete(id), 409, "200047");
  await ebb.pass(A_WHILE);
  assert.equal((await instances.delete(id)).status, 200);
});

test("a database whose storage could not be made has failed, and goes with the nodes that wait for it", async (t) => {
  const { ebb, instances, job, jobStatus, assertClean } = await startDatabases(t);
  const { databases } = ebb.house.drivers;
  const real = databases.make.bind(databases) as (...args: unknown[]) => Promise<void>;
  const make = t.mock.method(databases, "make", async (...args: unknown[]) => {
    if (args[0] === "storage") throw forGood("no disk is left");
    return real(...args);
  });
  const { body } = await instances.create();
  const { id } = body.instance;
  await ebb.settle();
  const failed = (await job(body.job_id)).body.job;
  assert.deepEqual([failed.status, failed.fail_reason], ["Failed", "no disk is left"]);
  assert.equal((await instances.show(id)).body.instance.status, "FAILED");
  make.mock.restore();
  const deleted = await instances.delete(id);
  assert.equal(deleted.status, 200);
  assert.equal((await instances.show(id)).body.instance.status, "FAILED");
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(deleted.body.job_id), "Completed");
  assertRefused(await instances.show(id), 404, "200002");
  await assertClean();
});

test("a database with a node that could not be made has failed, and says why", async (t) => {
  const inventory = { gaussdb: { flavors: [{ spec_code: FLAVOR, type: "x86", vcpus: "4", ram: "16", capacity: 0 }] } };
  const { ebb, instances, job, assertClean } = await startDatabases(t, { settings: { inventory } });
  const { body } = await instances.create();
  const { id } = body.instance;
  await ebb.pass(A_WHILE);
  const failed = (await job(body.job_id)).body.job;
  assert.equal(failed.status, "Failed");
  assert.match(failed.fail_reason, /has 0 of 0 left and 1 were asked for/);
  assert.equal((await instances.show(id)).body.instance.status, "FAILED");
  assert.equal((await instances.delete(id)).status, 200);
  await ebb.pass(A_WHILE);
  await assertClean();
});

test("a deletion that a proxy holds up fails its job, and goes on when it is asked for again", async (t) => {
  const { ebb, instances, proxies, job, jobStatus, assertClean } = await startDatabases(t);
  const id = await instances.up();
  const proxy = await proxies.up(id);
  const { databases } = ebb.house.drivers;
  const real = databases.unmake.bind(databases) as (...args: unknown[]) => Promise<void>;
  const unmake = t.mock.method(databases, "unmake", async (...args: unknown[]) => {
    if (args[0] === "proxy") throw forGood("the address is locked");
    return real(...args);
  });
  const { body } = await instances.delete(id);
  await ebb.pass(A_WHILE);
  const stuck = (await job(body.job_id)).body.job;
  assert.deepEqual([stuck.status, stuck.fail_reason], ["Failed", "the address is locked"]);
  assert.equal((await instances.show(id)).body.instance.status, "ACTIVE");
  assert.deepEqual(await proxies.statuses(id), { [proxy]: "ABNORMAL" });
  unmake.mock.restore();
  assert.deepEqual((await instances.delete(id)).body, body);
  assert.equal(await jobStatus(body.job_id), "Running");
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(body.job_id), "Completed");
  assertRefused(await instances.show(id), 404, "200002");
  await assertClean();
});

test("what is left inside of a database whose deletion went on without waiting for it can still be deleted", async (t) => {
  const { ebb, instances, proxies, assertClean } = await startDatabases(t);
  const id = await instances.up();
  const proxy = await proxies.up(id);
  const nodes: string[] = (await instances.show(id)).body.instance.nodes.map((node: { id: string }) => node.id);
  const fault = (kind: string, step: string) =>
    ebb.operator("POST", "/faults", { on: "step", kind, step, answer: { fails_for_good: "it is locked" } });
  for (const [kind, step] of [
    ["taurusdb.node", "shut-down"],
    ["taurusdb.proxy", "drain"],
  ] as const)
    assert.equal((await fault(kind, step)).status, 201);
  await instances.delete(id);
  await ebb.pass(60_000);
  const deletion = (await ebb.house.lifecycle.operations(id)).at(-1);
  const skip = { step: "proxies-and-nodes-gone", reason: "we see to them later" };
  assert.equal((await ebb.operator("POST", `/operations/${deletion?.id}/skip`, skip)).status, 200);
  await ebb.pass(A_WHILE);
  assertRefused(await instances.show(id), 404, "200002");
  await ebb.operator("DELETE", "/faults");
  const left = [...nodes, proxy];
  const torn = await ebb.operator("POST", "/teardowns", { ids: left });
  assert.equal(torn.status, 202, torn.text);
  await ebb.pass(A_WHILE);
  await assertClean();
});

test("a proxy that holds up its database's deletion can be deleted by itself, in the same job", async (t) => {
  const { ebb, instances, proxies, jobStatus, assertClean } = await startDatabases(t);
  const id = await instances.up();
  const proxy = await proxies.up(id);
  const { databases } = ebb.house.drivers;
  const change = t.mock.method(databases, "change", async () => {
    throw forGood("sessions cannot be cut");
  });
  const { body } = await instances.delete(id);
  await ebb.pass(A_WHILE);
  change.mock.restore();
  assert.deepEqual((await proxies.delete(id, [proxy])).body, { job_id: body.job_id });
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(body.job_id), "Completed");
  await assertClean();
});

test("a deletion whose storage cannot be freed fails, and can be asked for again as another job", async (t) => {
  const { ebb, base, ask, instances, proxies, jobStatus, assertClean } = await startDatabases(t);
  const id = await instances.up();
  const { databases } = ebb.house.drivers;
  const real = databases.unmake.bind(databases) as (...args: unknown[]) => Promise<void>;
  const unmake = t.mock.method(databases, "unmake", async (...args: unknown[]) => {
    if (args[0] === "storage") throw forGood("the volume is mounted");
    return real(...args);
  });
  const first = await instances.delete(id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(first.body.job_id), "Failed");
  assert.equal((await instances.show(id)).body.instance.status, "FAILED");
  assertRefused(await proxies.create(id), 409, "200047");
  assertRefused(await ask("POST", `${base}/instances/${id}/nodes/enlarge`, { priorities: [1] }), 409, "200047");
  unmake.mock.restore();
  const second = await instances.delete(id);
  assert.notEqual(second.body.job_id, first.body.job_id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(second.body.job_id), "Completed");
  await assertClean();
});

test("a proxy that cannot finish deleting does not keep its database, which waits for it", async (t) => {
  const { ebb, instances, proxies, jobStatus, assertClean } = await startDatabases(t);
  const id = await instances.up();
  const proxy = await proxies.up(id);
  const unmake = t.mock.method(ebb.house.drivers.databases, "unmake", async () => {
    throw new Error("no answer");
  });
  await proxies.delete(id, [proxy]);
  await ebb.pass(A_WHILE);
  const { status, body } = await instances.delete(id);
  assert.equal(status, 200);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(body.job_id), "Running");
  unmake.mock.restore();
  await ebb.pass(2 * A_WHILE);
  assert.equal(await jobStatus(body.job_id), "Completed");
  await assertClean();
});

test("no stage of a creation goes on for ever, because a delete is refused meanwhile", async (t) => {
  const { ebb, instances, proxies, assertClean } = await startDatabases(t);
  const id = await instances.up();
  const make = t.mock.method(ebb.house.drivers.databases, "make", async () => {
    throw new Error("no answer");
  });
  await proxies.create(id);
  const { body } = await instances.create({ name: "other-db" });
  await ebb.pass(3 * 3_600_000);
  assert.deepEqual(Object.values(await proxies.statuses(id)), ["FAILED"]);
  assert.equal((await instances.show(body.instance.id)).body.instance.status, "FAILED");
  make.mock.restore();
  for (const one of [id, body.instance.id]) assert.equal((await instances.delete(one)).status, 200);
  await ebb.pass(A_WHILE);
  await assertClean();
});
