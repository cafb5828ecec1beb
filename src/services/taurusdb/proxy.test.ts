import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, forGood, startDatabases } from "./taurusdb-testing.ts";

const UNKNOWN = `${"e".repeat(32)}po01`;

test("a proxy is listed while it is enabled, is active once the world has it, and is gone after its deletion", async (t) => {
  const { ebb, instances, proxies, job, jobStatus, assertClean } = await startDatabases(t);
  const instance = await instances.up();
  const { status, body } = await proxies.create(instance, { proxy_name: "orders-rw" });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(body), ["job_id"]);
  const [{ proxy: first }] = (await proxies.list(instance)).body.proxy_list;
  assert.deepEqual([first.name, first.status, first.address], ["orders-rw", "ENABLING PROXY", ""]);
  assert.equal(await jobStatus(body.job_id), "Running");
  await ebb.pass(5 * 60_000 - 1);
  assert.equal(await jobStatus(body.job_id), "Running");
  await ebb.pass(1);
  const opened = (await job(body.job_id)).body.job;
  assert.deepEqual([opened.status, opened.name], ["Completed", "OpenGaussDBforMySQLProxy"]);
  const [{ proxy: active }] = (await proxies.list(instance)).body.proxy_list;
  assert.deepEqual([active.status, active.pool_status], ["ACTIVE", "ACTIVE"]);
  assert.match(active.address, /^192\.168\.\d+\.\d+$/);

  const deleted = await proxies.delete(instance, [first.pool_id]);
  assert.equal(deleted.status, 200);
  assert.deepEqual(Object.keys(deleted.body), ["job_id"]);
  assert.deepEqual(await proxies.statuses(instance), { [first.pool_id]: "DISABLING PROXY" });
  await ebb.pass(A_WHILE);
  assert.deepEqual((await proxies.list(instance)).body, { proxy_list: [] });
  const closed = (await job(deleted.body.job_id)).body.job;
  assert.deepEqual([closed.status, closed.name], ["Completed", "CloseGaussDBforMySQLProxy"]);
  assert.deepEqual(closed.instance, { id: instance, name: "orders-db" });
  assertRefused(await proxies.delete(instance, [first.pool_id]), 400, "270024");
  await instances.delete(instance);
  await ebb.pass(A_WHILE);
  await assertClean();
});

test("a proxy is drained before it is unmade", async (t) => {
  const { ebb, instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  const proxy = await proxies.up(instance);
  const calls: string[] = [];
  const { databases } = ebb.house.drivers;
  for (const name of ["change", "unmake"] as const) {
    const real = databases[name].bind(databases) as (...args: unknown[]) => Promise<void>;
    t.mock.method(databases, name, (...args: unknown[]) => {
      calls.push(`${name} ${JSON.stringify(args[0])} ${name === "change" ? JSON.stringify(args[2]) : ""}`.trim());
      return real(...args);
    });
  }
  await proxies.delete(instance, [proxy]);
  await ebb.pass(A_WHILE);
  assert.deepEqual(calls, ['change "proxy" {"draining":true}', 'unmake "proxy"']);
});

test("one proxy needs no ids: no body, an empty object and an empty list all mean it", async (t) => {
  const { ebb, base, ask, instances, proxies, jobStatus } = await startDatabases(t);
  const instance = await instances.up();
  for (const body of [undefined, {}, { proxy_ids: [] }]) {
    await proxies.up(instance);
    const answer = await ask("DELETE", `${base}/instances/${instance}/proxy`, body);
    assert.equal(answer.status, 200, JSON.stringify(body));
    await ebb.pass(A_WHILE);
    assert.equal(await jobStatus(answer.body.job_id), "Completed");
    assert.deepEqual(await proxies.statuses(instance), {});
  }
});

test("the historical route deletes the only proxy", async (t) => {
  const { ebb, ask, instances, proxies, jobStatus } = await startDatabases(t);
  const instance = await instances.up();
  await proxies.up(instance);
  const path = `/mysql/v3/${ebb.one.projectId}/instances/${instance}/proxy`;
  const { status, body } = await ask("DELETE", path);
  assert.equal(status, 200);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(body.job_id), "Completed");
  assertRefused(await ask("DELETE", path), 400, "270024");
  await proxies.up(instance);
  await proxies.up(instance);
  assertRefused(await ask("DELETE", path), 400, "270027");
});

test("of several proxies the ones to delete must be named", async (t) => {
  const { base, ask, instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  const both = [await proxies.up(instance), await proxies.up(instance)];
  for (const body of [undefined, {}, { proxy_ids: [] }]) {
    assertRefused(await ask("DELETE", `${base}/instances/${instance}/proxy`, body), 400, "270027");
  }
  assert.deepEqual(Object.values(await proxies.statuses(instance)), ["ACTIVE", "ACTIVE"]);
  const { status } = await proxies.delete(instance, [both[0]]);
  assert.equal(status, 200);
  assert.deepEqual(await proxies.statuses(instance), { [both[0]!]: "DISABLING PROXY", [both[1]!]: "ACTIVE" });
});

test("several ids are one job, and an id that is named twice is deleted once", async (t) => {
  const { ebb, instances, proxies, job, jobStatus } = await startDatabases(t);
  const instance = await instances.up();
  const [a, b, kept] = [await proxies.up(instance), await proxies.up(instance), await proxies.up(instance)];
  const { body } = await proxies.delete(instance, [a, b, a]);
  assert.equal((await ebb.house.lifecycle.job(ebb.one.projectId, body.job_id)).length, 2);
  assert.equal(await jobStatus(body.job_id), "Running");
  await ebb.pass(30_000);
  assert.match((await job(body.job_id)).body.job.process, /^50%$/);
  await ebb.pass(A_WHILE);
  const done = (await job(body.job_id)).body.job;
  assert.deepEqual([done.status, done.process, done.fail_reason], ["Completed", "", ""]);
  assert.deepEqual(await proxies.statuses(instance), { [kept]: "ACTIVE" });
});

test("an id that is unknown, malformed or another database's is refused, and nothing is deleted", async (t) => {
  const { instances, proxies } = await startDatabases(t);
  const [instance, other] = [await instances.up(), await instances.up({ name: "other-db" })];
  const [mine, theirs] = [await proxies.up(instance), await proxies.up(other)];
  for (const id of [UNKNOWN, "x", "", "é/..", theirs]) {
    assertRefused(await proxies.delete(instance, [mine, id]), 400, "270024");
  }
  assert.deepEqual(await proxies.statuses(instance), { [mine]: "ACTIVE" });
  assert.deepEqual(await proxies.statuses(other), { [theirs]: "ACTIVE" });
});

test("a list of ids that is not a list of strings is a parameter error", async (t) => {
  const { base, ask, instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  const proxy = await proxies.up(instance);
  for (const ids of [proxy, 7, null, {}, [7], [null], [[proxy]], [proxy, 7]]) {
    assertRefused(await proxies.delete(instance, ids), 400, "280001");
  }
  assertRefused(await ask("DELETE", `${base}/instances/${instance}/proxy`, "{"), 400, "280001");
  assert.deepEqual(await proxies.statuses(instance), { [proxy]: "ACTIVE" });
});

test("with no proxy there is nothing to delete", async (t) => {
  const { instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  assertRefused(await proxies.delete(instance), 400, "270024");
  assertRefused(await proxies.delete(instance, [UNKNOWN]), 400, "270024");
});

test("asked again while it is deleted, the same job is answered, with ids or without", async (t) => {
  const { ebb, instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  const proxy = await proxies.up(instance);
  const first = await proxies.delete(instance, [proxy]);
  for (const ids of [undefined, [], [proxy], [proxy, proxy]]) {
    const again = await proxies.delete(instance, ids);
    assert.deepEqual([again.status, again.body], [200, first.body]);
  }
  await ebb.pass(60_000);
  assert.deepEqual((await proxies.delete(instance)).body, first.body);
  assert.equal((await ebb.house.lifecycle.operations(proxy)).filter((one) => one.verb === "delete").length, 1);
});

test("a repeat without ids never takes a proxy that was created in the meantime", async (t) => {
  const { instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  const old = await proxies.up(instance);
  await proxies.delete(instance);
  await proxies.create(instance);
  assertRefused(await proxies.delete(instance), 400, "270027");
  const { [old]: oldStatus, ...others } = await proxies.statuses(instance);
  assert.deepEqual([oldStatus, Object.values(others)], ["DISABLING PROXY", ["ENABLING PROXY"]]);
});

test("what is deleted together with something that is being deleted joins its job", async (t) => {
  const { ebb, instances, proxies, job, jobStatus } = await startDatabases(t);
  const instance = await instances.up();
  const [a, b] = [await proxies.up(instance), await proxies.up(instance)];
  const first = await proxies.delete(instance, [a]);
  await ebb.pass(60_000);
  const mixed = await proxies.delete(instance, [b, a]);
  assert.deepEqual(mixed.body, first.body);
  await ebb.pass(90_000);
  assert.deepEqual(await proxies.statuses(instance), { [b]: "DISABLING PROXY" });
  assert.equal(await jobStatus(first.body.job_id), "Running");
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(first.body.job_id), "Completed");
  assert.equal((await job(first.body.job_id)).body.job.created, "2026-01-05T09:30:00+0000");
});

test("asked again for proxies that two jobs are deleting, the answer is the job accepted last, and no third one", async (t) => {
  const { instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  const [a, b] = [await proxies.up(instance), await proxies.up(instance)];
  const [one, two] = [await proxies.delete(instance, [a]), await proxies.delete(instance, [b])];
  assert.notEqual(one.body.job_id, two.body.job_id);
  const both = await proxies.delete(instance, [a, b]);
  assert.equal(both.status, 200);
  assert.ok([one.body.job_id, two.body.job_id].includes(both.body.job_id));
  assert.deepEqual((await proxies.delete(instance, [b])).body, two.body);
});

test("a proxy that is being enabled, or whose database is being changed, is busy", async (t) => {
  const { ebb, base, ask, instances, proxies } = await startDatabases(t);
  const instance = await instances.up();
  await proxies.create(instance);
  assertRefused(await proxies.delete(instance), 409, "200047");
  await ebb.pass(A_WHILE);
  const enlarging = await ask("POST", `${base}/instances/${instance}/nodes/enlarge`, { priorities: [2] });
  assert.equal(enlarging.status, 201);
  const refused = await proxies.delete(instance);
  assertRefused(refused, 409, "200047");
  assert.match(refused.body.error_msg, /node [0-9a-f]{32}no07 is BUILD/);
  await ebb.pass(A_WHILE);
  assert.equal((await proxies.delete(instance)).status, 200);
});

test("a deletion that fails for good leaves an abnormal proxy, which another deletion ends", async (t) => {
  const { ebb, instances, proxies, job, jobStatus, assertClean } = await startDatabases(t);
  const instance = await instances.up();
  const proxy = await proxies.up(instance);
  const unmake = t.mock.method(ebb.house.drivers.databases, "unmake", async () => {
    throw forGood("the address is locked");
  });
  const failing = await proxies.delete(instance);
  await ebb.pass(A_WHILE);
  const failed = (await job(failing.body.job_id)).body.job;
  assert.deepEqual([failed.status, failed.fail_reason], ["Failed", "the address is locked"]);
  assert.equal(failed.ended, "2026-01-05T09:00:30+0000");
  assert.deepEqual(await proxies.statuses(instance), { [proxy]: "ABNORMAL" });
  unmake.mock.restore();
  const again = await proxies.delete(instance, [proxy]);
  assert.notEqual(again.body.job_id, failing.body.job_id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(again.body.job_id), "Completed");
  assert.equal(await jobStatus(failing.body.job_id), "Failed");
  await instances.delete(instance);
  await ebb.pass(A_WHILE);
  await assertClean();
});

test("a proxy that could not be made is failed, and can be deleted", async (t) => {
  const inventory = {
    gaussdb: {
      proxy_flavors: [{ spec_code: "gaussdb.proxy.large.x86.2", type: "x86", vcpus: "2", ram: "4", capacity: 2 }],
    },
  };
  const { ebb, instances, proxies, job, jobStatus } = await startDatabases(t, { settings: { inventory } });
  const instance = await instances.up();
  const kept = await proxies.up(instance);
  const { body } = await proxies.create(instance);
  await ebb.pass(A_WHILE);
  const failed = (await job(body.job_id)).body.job;
  assert.equal(failed.status, "Failed");
  assert.match(failed.fail_reason, /gaussdb\.proxy\.large\.x86\.2 has 0 of 2 left/);
  const { [kept]: keptStatus, ...others } = await proxies.statuses(instance);
  assert.deepEqual([keptStatus, Object.values(others)], ["ACTIVE", ["FAILED"]]);
  const deleted = await proxies.delete(instance, Object.keys(others));
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(deleted.body.job_id), "Completed");
  assert.deepEqual(await proxies.statuses(instance), { [kept]: "ACTIVE" });
});

test("a transient failure is tried again until it passes", async (t) => {
  const { ebb, instances, proxies, jobStatus } = await startDatabases(t);
  const instance = await instances.up();
  await proxies.up(instance);
  const { databases } = ebb.house.drivers;
  const change = t.mock.method(databases, "change", async () => {
    throw new Error("connection reset");
  });
  const { body } = await proxies.delete(instance);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(body.job_id), "Running");
  assert.ok(change.mock.callCount() > 10);
  change.mock.restore();
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(body.job_id), "Completed");
});
