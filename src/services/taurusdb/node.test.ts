import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, FLAVOR, forGood, startDatabases } from "./taurusdb-testing.ts";

interface Node {
  id: string;
  name: string;
  type: string;
  status: string;
  az_code: string;
  priority: number;
}

async function database(t: Parameters<typeof startDatabases>[0], overrides?: object, options?: object) {
  const it = await startDatabases(t, options);
  const id = await it.instances.up(overrides);
  const path = `${it.base}/instances/${id}/nodes`;
  return {
    ...it,
    id,
    nodes: async () => (await it.instances.show(id)).body.instance.nodes as Node[],
    enlarge: (body?: unknown) => it.ask("POST", `${path}/enlarge`, body),
    remove: (node: string) => it.ask("DELETE", `${path}/${node}`),
  };
}

test("replicas are added as one job and counted once they are up", async (t) => {
  const { ebb, id, nodes, enlarge, job } = await database(t);
  const { status, body } = await enlarge({ priorities: [2, 5] });
  assert.equal(status, 201);
  assert.deepEqual(body, {
    instance_id: id,
    node_names: ["orders-db_node03", "orders-db_node04"],
    job_id: body.job_id,
  });
  const running = (await job(body.job_id)).body.job;
  assert.deepEqual([running.name, running.status, running.instance.id], ["AddGaussDBforMySQLNodes", "Running", id]);
  assert.deepEqual(
    (await nodes()).map((one) => one.status),
    ["ACTIVE", "ACTIVE", "BUILD", "BUILD"],
  );
  await ebb.pass(8 * 60_000);
  assert.equal((await job(body.job_id)).body.job.status, "Completed");
  assert.deepEqual(
    (await nodes()).map((one) => [one.status, one.priority]),
    [
      ["ACTIVE", -1],
      ["ACTIVE", 1],
      ["ACTIVE", 2],
      ["ACTIVE", 5],
    ],
  );
});

test("replicas stand in the zones that were asked for, or in turns", async (t) => {
  const multi = { availability_zone_mode: "multi", master_availability_zone: "eu-local-1a" };
  const { ebb, nodes, enlarge } = await database(t, multi);
  await enlarge({ priorities: [1, 1], availability_zones: ["eu-local-1c"] });
  await ebb.pass(A_WHILE);
  await enlarge({ priorities: [1, 1] });
  await ebb.pass(A_WHILE);
  const zones = (await nodes()).map((one) => one.az_code.slice(-1));
  assert.deepEqual(zones, ["a", "b", "c", "c", "b", "c"]);
  assertRefused(await enlarge({ priorities: [1], availability_zones: ["eu-west-0a"] }), 400, "280285");
});

test("what cannot be added is refused", async (t) => {
  const { enlarge } = await database(t);
  for (const priorities of [undefined, [], [0], [17], ["1"], 1]) {
    assertRefused(await enlarge({ priorities }), 400, "280001");
  }
  assertRefused(await enlarge(), 400, "200006");
  assertRefused(await enlarge({ priorities: Array.from({ length: 15 }, () => 1) }), 400, "200056");
  assert.equal((await enlarge({ priorities: Array.from({ length: 14 }, () => 1) })).status, 201);
});

test("a replica is removed with a job, and asked again answers the same job until it is gone", async (t) => {
  const { ebb, nodes, remove, job } = await database(t, { slave_count: 2 });
  const [, , replica] = await nodes();
  const { status, body } = await remove(replica!.id);
  assert.equal(status, 200);
  assert.deepEqual(body, { job_id: body.job_id, order_id: null });
  assert.equal((await nodes()).length, 3);
  assert.deepEqual((await remove(replica!.id)).body, body);
  await ebb.pass(3 * 60_000);
  const done = (await job(body.job_id)).body.job;
  assert.deepEqual([done.name, done.status], ["DeleteGaussDBforMySQLNode", "Completed"]);
  assert.deepEqual(
    (await nodes()).map((one) => one.name),
    ["orders-db_node01", "orders-db_node02"],
  );
  assertRefused(await remove(replica!.id), 404, "290013");
});

test("the primary, the last replica and the last other zone stay", async (t) => {
  const multi = { availability_zone_mode: "multi", master_availability_zone: "eu-local-1a" };
  const { ebb, nodes, enlarge, remove } = await database(t, multi);
  const [primary, away] = await nodes();
  assertRefused(await remove(primary!.id), 409, "280406");
  assertRefused(await remove(away!.id), 409, "280406");
  await enlarge({ priorities: [1], availability_zones: ["eu-local-1a"] });
  await ebb.pass(A_WHILE);
  const home = (await nodes())[2];
  assertRefused(await remove(away!.id), 409, "280406");
  assert.equal((await remove(home!.id)).status, 200);
  await ebb.pass(A_WHILE);
  assertRefused(await remove(away!.id), 409, "280406");
});

test("the primary stays where there are replicas, and the last replica where zones do not count", async (t) => {
  const { ebb, nodes, remove } = await database(t, { slave_count: 2 });
  const [primary, one, two] = await nodes();
  assertRefused(await remove(primary!.id), 409, "280406");
  assert.equal((await remove(one!.id)).status, 200);
  await ebb.pass(A_WHILE);
  assertRefused(await remove(two!.id), 409, "280406");
});

test("a node that holds up its database's deletion can be deleted by itself, in the same job", async (t) => {
  const { ebb, id, instances, nodes, remove, jobStatus, assertClean } = await database(t);
  const [, replica] = await nodes();
  const unmake = t.mock.method(ebb.house.drivers.databases, "unmake", async () => {
    throw forGood("the host does not answer");
  });
  const deleted = await instances.delete(id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(deleted.body.job_id), "Failed");
  unmake.mock.restore();
  assert.deepEqual((await remove(replica!.id)).body, deleted.body);
  await instances.delete(id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(deleted.body.job_id), "Completed");
  await assertClean();
});

test("a node is busy while another one comes or goes", async (t) => {
  const { ebb, nodes, enlarge, remove } = await database(t, { slave_count: 3 });
  const [, one, two] = await nodes();
  await remove(one!.id);
  assertRefused(await remove(two!.id), 409, "200047");
  assertRefused(await enlarge({ priorities: [1] }), 409, "200047");
  await ebb.pass(A_WHILE);
  await enlarge({ priorities: [1] });
  const built = (await nodes()).find((node) => node.status === "BUILD");
  assertRefused(await remove(built!.id), 409, "200047");
  await ebb.pass(A_WHILE);
  assert.equal((await remove(two!.id)).status, 200);
});

test("a replica that could not be made has failed and can be removed, also the last one", async (t) => {
  const inventory = { gaussdb: { flavors: [{ spec_code: FLAVOR, type: "x86", vcpus: "4", ram: "16", capacity: 1 }] } };
  const { ebb, nodes, enlarge, remove, instances, id, jobStatus } = await database(
    t,
    { slave_count: 0 },
    { settings: { inventory } },
  );
  const added = await enlarge({ priorities: [1] });
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(added.body.job_id), "Failed");
  assert.equal((await instances.show(id)).body.instance.status, "ACTIVE");
  const [, replica] = await nodes();
  assert.equal(replica!.status, "FAILED");
  const removed = await remove(replica!.id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(removed.body.job_id), "Completed");
  assert.equal((await nodes()).length, 1);
});

test("a removal that fails for good leaves a failed node, which another removal ends", async (t) => {
  const { ebb, nodes, remove, jobStatus } = await database(t, { slave_count: 2 });
  const [, , replica] = await nodes();
  const unmake = t.mock.method(ebb.house.drivers.databases, "unmake", async () => {
    throw forGood("the host does not answer");
  });
  const first = await remove(replica!.id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(first.body.job_id), "Failed");
  assert.equal((await nodes())[2]?.status, "FAILED");
  unmake.mock.restore();
  const second = await remove(replica!.id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(second.body.job_id), "Completed");
  assert.equal((await nodes()).length, 2);
});

test("a node of another database does not exist, and a removed one leaves the proxies", async (t) => {
  const { ebb, id, instances, proxies, nodes, remove } = await database(t, { slave_count: 2 });
  const other = await instances.up({ name: "other-db", slave_count: 2 });
  const theirs = (await instances.show(other)).body.instance.nodes[1].id;
  assertRefused(await remove(theirs), 404, "290013");
  assertRefused(await remove(`${"f".repeat(32)}no07`), 404, "290013");
  assertRefused(await remove("node"), 400, "280404");
  await proxies.up(id);
  const [, replica] = await nodes();
  await remove(replica!.id);
  await ebb.pass(A_WHILE);
  const [{ readonly_nodes }] = (await proxies.list(id)).body.proxy_list;
  assert.deepEqual(
    readonly_nodes.map((one: Node) => one.name),
    ["orders-db_node03"],
  );
});
