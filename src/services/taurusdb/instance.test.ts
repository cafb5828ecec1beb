import assert from "node:assert/strict";
import { test } from "node:test";
import {
  A_WHILE,
  assertRefused,
  FLAVOR,
  forGood,
  newInstance,
  PASSWORD,
  SUBNET,
  startDatabases,
  VPC,
} from "./taurusdb-testing.ts";

test("a creation answers the database that is being built, and its job", async (t) => {
  const { ebb, instances, jobStatus } = await startDatabases(t);
  const { status, body } = await instances.create({ tags: [{ key: "team", value: "a" }] });
  assert.equal(status, 201);
  assert.match(body.instance.id, /^[0-9a-f]{32}in07$/);
  assert.match(body.job_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(body, {
    instance: {
      id: body.instance.id,
      name: "orders-db",
      status: "BUILD",
      datastore: { type: "gaussdb-mysql", version: "8.0.22" },
      mode: "Cluster",
      configuration_id: "",
      port: "3306",
      backup_strategy: { start_time: "22:00-23:00", keep_days: "7" },
      enterprise_project_id: "0",
      region: "eu-local-1",
      availability_zone_mode: "single",
      master_availability_zone: "eu-local-1a",
      vpc_id: VPC,
      security_group_id: "d41b1111-2222-4333-8444-555566667777",
      subnet_id: SUBNET,
      flavor_ref: FLAVOR,
      charge_info: { charge_mode: "postPaid" },
    },
    job_id: body.job_id,
  });
  assert.equal(await jobStatus(body.job_id), "Running");
  const building = (await instances.show(body.instance.id)).body.instance;
  assert.deepEqual([building.status, building.created, building.private_write_ips], ["BUILD", "", []]);
  await ebb.pass(9 * 60_000 - 1);
  assert.equal((await instances.show(body.instance.id)).body.instance.status, "BUILD");
  await ebb.pass(1);
  assert.equal(await jobStatus(body.job_id), "Completed");
  const up = (await instances.show(body.instance.id)).body.instance;
  assert.deepEqual([up.status, up.created], ["ACTIVE", "2026-01-05T08:00:00+0000"]);
});

test("no node is launched before its cluster's storage is there", async (t) => {
  const { ebb, instances } = await startDatabases(t);
  await instances.create({ slave_count: 2 });
  await ebb.pass(59_999);
  const types = async () => (await ebb.house.drivers.databases.marked()).map((one) => one.type);
  assert.deepEqual(await types(), ["storage"]);
  await ebb.pass(1);
  assert.deepEqual(await types(), ["node", "node", "node", "storage"]);
});

test("a database shows its nodes, their addresses and its proxies", async (t) => {
  const { ebb, base, ask, instances, proxies } = await startDatabases(t);
  const id = await instances.up({
    slave_count: 2,
    availability_zone_mode: "multi",
    master_availability_zone: "eu-local-1b",
  });
  const proxy = await proxies.up(id, { proxy_name: "orders-rw" });
  const { instance } = (await instances.show(id)).body;
  assert.deepEqual(
    instance.nodes.map((one: Record<string, unknown>) => [one.name, one.type, one.status, one.az_code, one.port]),
    [
      ["orders-db_node01", "master", "ACTIVE", "eu-local-1b", 3306],
      ["orders-db_node02", "slave", "ACTIVE", "eu-local-1a", 3306],
      ["orders-db_node03", "slave", "ACTIVE", "eu-local-1c", 3306],
    ],
  );
  for (const node of instance.nodes) assert.match(node.id, /^[0-9a-f]{32}no07$/);
  const [master, ...slaves] = instance.nodes;
  assert.deepEqual(instance.private_write_ips, master.private_read_ips);
  assert.equal(new Set(instance.nodes.map((one: { private_read_ips: string[] }) => one.private_read_ips[0])).size, 3);
  const shown = [instance.project_id, instance.node_count, instance.az_mode, instance.master_az_code, instance.port];
  assert.deepEqual(shown, [ebb.one.projectId, 3, "multi", "eu-local-1b", "3306"]);
  assert.deepEqual([instance.public_ips, instance.private_dns_names, instance.charge_info.order_id], ["", [], null]);
  const [listed] = (await proxies.list(id)).body.proxy_list;
  assert.deepEqual(instance.proxies, [{ pool_id: proxy, name: "orders-rw", address: listed.proxy.address }]);

  const { instances: list, total_count } = (await ask("GET", `${base}/instances`)).body;
  assert.equal(total_count, 1);
  assert.deepEqual(list[0].private_ips, master.private_read_ips);
  assert.deepEqual(
    list[0].readonly_private_ips,
    slaves.flatMap((one: { private_read_ips: string[] }) => one.private_read_ips),
  );
  assert.deepEqual(list[0].proxy_ips, [listed.proxy.address]);
  assert.deepEqual(list[0].flavor_info, { vcpus: "4", ram: "16" });
  assert.deepEqual(list[0].public_ips, []);
});

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
  await ebb.pass(60_000);
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
    assert.ok(refused.body.error_msg.includes(`${proxy} is ${status}`), refused.body.error_msg);
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

test("nodes stop waiting for storage that never comes", async (t) => {
  const { ebb, instances } = await startDatabases(t);
  t.mock.method(ebb.house.drivers.databases, "make", async () => {
    throw forGood("no disk is left");
  });
  const { body } = await instances.create();
  await ebb.pass(60 * 60_000 + 1_000);
  const { instance } = (await instances.show(body.instance.id)).body;
  assert.deepEqual(
    instance.nodes.map((one: { status: string }) => one.status),
    ["FAILED", "FAILED"],
  );
});

test("a database with a node that could not be made has failed, and says why", async (t) => {
  const inventory = { gaussdb: { flavors: [{ spec_code: FLAVOR, type: "x86", vcpus: "4", ram: "16", capacity: 1 }] } };
  const { ebb, instances, job, assertClean } = await startDatabases(t, { settings: { inventory } });
  const { body } = await instances.create();
  const { id } = body.instance;
  await ebb.pass(A_WHILE);
  const failed = (await job(body.job_id)).body.job;
  assert.equal(failed.status, "Failed");
  assert.match(failed.fail_reason, /has 0 of 1 left and 1 were asked for/);
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
  const { ebb, instances, jobStatus, assertClean } = await startDatabases(t);
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
  unmake.mock.restore();
  const second = await instances.delete(id);
  assert.notEqual(second.body.job_id, first.body.job_id);
  await ebb.pass(A_WHILE);
  assert.equal(await jobStatus(second.body.job_id), "Completed");
  await assertClean();
});

test("what is paid for beforehand is known by its order", async (t) => {
  const { ebb, base, ask, instances } = await startDatabases(t);
  const charge_info = { charge_mode: "prePaid", period_type: "month", period_num: 1, is_auto_pay: "true" };
  const { body } = await instances.create({ charge_info, volume: { size: "40" } });
  assert.deepEqual(Object.keys(body), ["instance", "order_id"]);
  assert.match(body.order_id, /^CS[0-9A-F]{16}$/);
  assert.deepEqual(body.instance.volume, { size: 40 });
  await ebb.pass(A_WHILE);
  const added = await ask("POST", `${base}/instances/${body.instance.id}/nodes/enlarge`, { priorities: [1] });
  assert.deepEqual(Object.keys(added.body), ["instance_id", "node_names", "order_id"]);
  await ebb.pass(A_WHILE);
  assert.deepEqual((await instances.delete(body.instance.id)).body, { job_id: null, order_id: body.order_id });
  assertRefused(await instances.create({ charge_info: { charge_mode: "prePaid" } }), 400, "280001");
});

test("the root password is kept nowhere", async (t) => {
  const { ebb, instances } = await startDatabases(t);
  await instances.up();
  const { store } = ebb.house.lifecycle;
  for (const table of ["resources", "operations", "events", "holdings", "sim_things"]) {
    const rows = await store.read((session) => session.all(`SELECT * FROM ${table}`, []));
    assert.ok(rows.length > 0, table);
    assert.ok(!JSON.stringify(rows).includes(PASSWORD), table);
  }
});

test("every wrong field of a creation has its own code", async (t) => {
  const { base, ask, instances } = await startDatabases(t);
  const cases: [code: string, wrong: object][] = [
    ["280234", { name: "x" }],
    ["280234", { name: "9orders" }],
    ["280234", { name: "订单".repeat(11) }],
    ["200024", { region: "eu-west-0" }],
    ["280237", { datastore: undefined }],
    ["280235", { datastore: { type: "mysql", version: "8.0" } }],
    ["200041", { datastore: { type: "gaussdb-mysql", version: "5.7" } }],
    ["280342", { mode: "Ha" }],
    ["280288", { flavor_ref: "gaussdb.mysql.none" }],
    ["200048", { vpc_id: "vpc" }],
    ["200049", { subnet_id: "subnet" }],
    ["280246", { password: "Ab1-" }],
    ["280246", { password: "Orders db 9" }],
    ["280203", { password: "orders-db" }],
    ["280001", { password: undefined }],
    ["280260", { availability_zone_mode: "triple" }],
    ["280285", { availability_zone_mode: "multi" }],
    ["280285", { master_availability_zone: "eu-west-0a" }],
    ["280001", { slave_count: 10 }],
    ["280001", { slave_count: "1" }],
    ["280001", { mode: "StandSingle" }],
    ["280216", { backup_strategy: { start_time: "08:30-09:30" } }],
    ["280216", { backup_strategy: { start_time: "08:00-10:00" } }],
    ["280250", { backup_strategy: { start_time: "08:00-09:00", keep_days: "733" } }],
    ["280250", { backup_strategy: { start_time: "08:00-09:00", keep_days: 0 } }],
    ["280241", { volume: { type: "DL9" } }],
    ["280242", { volume: { size: "128010" } }],
    ["200027", { volume: { size: 45 } }],
    [
      "280272",
      {
        tags: [
          { key: "a", value: "1" },
          { key: "a", value: "2" },
        ],
      },
    ],
    ["280001", { tags: [{ key: "a b", value: "1" }] }],
    ["280214", { restore_point: { source_instance_id: "s", backup_id: "b" } }],
  ]; // prettier-ignore
  for (const [code, wrong] of cases) {
    const answer = await instances.create(wrong);
    assert.equal(answer.body.error_code, `DBS.${code}`, JSON.stringify(wrong));
    assertRefused(answer, 400, code);
  }
  assertRefused(await ask("POST", `${base}/instances`), 400, "200006");
  assertRefused(await ask("POST", `${base}/instances`, "{"), 400, "280001");
  assert.equal((await ask("GET", `${base}/instances`)).body.total_count, 0);
});

test("what clients send in more than one way is taken in all of them", async (t) => {
  const { instances } = await startDatabases(t);
  const fine = [
    { datastore: { type: "GaussDB-MySQL", version: "8.0" } },
    { volume: { size: 40, type: "DL5" } },
    { enterprise_project_id: 0, master_availability_zone: "", time_zone: "" },
    { backup_strategy: { start_time: "23:00-00:00", keep_days: 732 }, slave_count: 0, mode: "StandSingle" },
    { name: "订单数据库", tags: [{ key: "键", value: "" }], unknown_field: true },
    { time_zone: "UTC+08:00", availability_zone_mode: "multi", master_availability_zone: "eu-local-1c" },
  ];
  for (const one of fine) {
    const { status, body } = await instances.create(one);
    assert.equal(status, 201, `${JSON.stringify(one)} ${JSON.stringify(body)}`);
  }
});

test("a project has a quota of databases", async (t) => {
  const { ebb, base, instances } = await startDatabases(t);
  for (let count = 0; count < 50; count++) assert.equal((await instances.create({ slave_count: 0 })).status, 201);
  assertRefused(await instances.create(), 413, "200046");
  const other = await ebb.two.ask(
    "POST",
    `${base.replace(ebb.one.projectId, ebb.two.projectId)}/instances`,
    newInstance(),
  );
  assert.equal(other.status, 201);
});
