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
  await ebb.pass(A_WHILE);
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

test("nodes stop waiting for storage that never comes", async (t) => {
  const { ebb, instances } = await startDatabases(t);
  t.mock.method(ebb.house.drivers.databases, "make", async () => {
    throw forGood("no disk is left");
  });
  const { body } = await instances.create();
  await ebb.pass(61 * 60_000);
  const { instance } = (await instances.show(body.instance.id)).body;
  assert.deepEqual(
    instance.nodes.map((one: { status: string }) => one.status),
    ["FAILED", "FAILED"],
  );
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
  ];
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
