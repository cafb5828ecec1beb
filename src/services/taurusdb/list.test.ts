import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, startDatabases, VPC } from "./taurusdb-testing.ts";

const OTHER_VPC = "0a6d9999-2222-4333-8444-555566667777";

async function threeDatabases(t: Parameters<typeof startDatabases>[0]) {
  const it = await startDatabases(t);
  const tags = [
    { key: "team", value: "a" },
    { key: "env", value: "test" },
  ];
  await it.instances.create({ name: "orders-one", tags });
  await it.instances.create({ name: "orders-two", tags: tags.slice(0, 1), vpc_id: OTHER_VPC });
  await it.instances.create({ name: "Users-three", slave_count: 0, mode: "StandSingle" });
  await it.ebb.pass(A_WHILE);
  const names = async (query: string) => {
    const { status, body } = await it.ask("GET", `${it.base}/instances${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    return body.instances.map((one: { name: string }) => one.name);
  };
  return { ...it, names };
}

test("databases are listed in order of creation, a page at a time, with the count of all", async (t) => {
  const { base, ask, names } = await threeDatabases(t);
  assert.deepEqual(await names(""), ["orders-one", "orders-two", "Users-three"]);
  assert.deepEqual(await names("?offset=1&limit=1"), ["orders-two"]);
  assert.deepEqual(await names("?offset=3"), []);
  assert.equal((await ask("GET", `${base}/instances?offset=2&limit=1`)).body.total_count, 3);
  for (const limit of ["0", "101", "-1", "x"]) {
    assertRefused(await ask("GET", `${base}/instances?limit=${limit}`), 400, "280439");
  }
  assertRefused(await ask("GET", `${base}/instances?offset=-1`), 400, "280001");
});

test("databases are found by name, network, type, address and tags", async (t) => {
  const { base, ask, instances, proxies, names } = await threeDatabases(t);
  const [one] = (await ask("GET", `${base}/instances`)).body.instances;
  await proxies.up(one.id);
  const { private_ips, readonly_private_ips, proxy_ips } = (await ask("GET", `${base}/instances?id=${one.id}`)).body
    .instances[0];
  assert.equal((await instances.show(one.id)).body.instance.proxies[0].address, proxy_ips[0]);
  const cases: [query: string, names: string[]][] = [
    [`?id=${one.id}`, ["orders-one"]],
    [`?id=${"f".repeat(32)}in07`, []],
    ["?name=orders-two", ["orders-two"]],
    ["?name=orders", []],
    ["?name=*orders", ["orders-one", "orders-two"]],
    ["?name=*users", []],
    ["?type=Cluster", ["orders-one", "orders-two"]],
    ["?datastore_type=gaussdb-mysql", ["orders-one", "orders-two", "Users-three"]],
    ["?datastore_type=mysql", []],
    [`?vpc_id=${VPC}`, ["orders-one", "Users-three"]],
    [`?subnet_id=${VPC}`, []],
    [`?private_ip=${private_ips[0]}`, ["orders-one"]],
    [`?readonly_private_ip=${readonly_private_ips[0]}`, ["orders-one"]],
    [`?proxy_ip=${proxy_ips[0]}`, ["orders-one"]],
    [`?proxy_ip=${private_ips[0]}`, []],
    ["?tags=team=a", ["orders-one", "orders-two"]],
    ["?tags=team=a,env=test", ["orders-one"]],
    ["?tags=team=b", []],
  ];
  for (const [query, wanted] of cases) assert.deepEqual(await names(query), wanted, query);
  assertRefused(await ask("GET", `${base}/instances?name=*`), 400, "280001");
  assertRefused(await ask("GET", `${base}/instances?tags=team`), 400, "280001");
});

test("several databases are shown at once, without what does not exist", async (t) => {
  const { base, ask, instances } = await threeDatabases(t);
  const all = (await ask("GET", `${base}/instances`)).body.instances.map((one: { id: string }) => one.id);
  const { status, body } = await ask(
    "GET",
    `${base}/instances/details?instance_ids=${all[2]},${all[0]},${"f".repeat(32)}in07`,
  );
  assert.equal(status, 200);
  assert.deepEqual(body.instances[0], (await instances.show(all[0])).body.instance);
  assert.deepEqual(
    body.instances.map((one: { name: string }) => one.name),
    ["orders-one", "Users-three"],
  );
  const many = Array.from({ length: 21 }, (_, index) => `${String(index).padStart(32, "0")}in07`).join(",");
  assertRefused(await ask("GET", `${base}/instances/details?instance_ids=${many}`), 400, "280001");
  assertRefused(await ask("GET", `${base}/instances/details?instance_ids=${all[0]},x`), 400, "280404");
  assertRefused(await ask("GET", `${base}/instances/details`), 400, "280001");
});

test("v3.1 has other words for the statuses", async (t) => {
  const { ebb, ask, base, instances } = await startDatabases(t);
  const unified = base.replace("/v3/", "/v3.1/");
  const { body } = await instances.create();
  const { id } = body.instance;
  const status = async () => [
    (await ask("GET", `${unified}/instances`)).body.instances[0].status,
    (await ask("GET", `${unified}/instances/details?instance_ids=${id}`)).body.instances[0].status,
    (await ask("GET", `${unified}/instances/${id}`)).body.instance.nodes[0].status,
  ];
  assert.deepEqual(await status(), ["creating", "creating", "creating"]);
  await ebb.pass(A_WHILE);
  assert.deepEqual(await status(), ["normal", "normal", "normal"]);
});

test("flavors of databases and of proxies can be looked up, and inventory replaces them", async (t) => {
  const mine = { spec_code: "my.flavor", type: "arm", vcpus: "1", ram: "2" };
  const inventory = {
    gaussdb: { zones: ["x"], flavors: [mine], proxy_flavors: [mine, { ...mine, spec_code: "b", type: "x86" }] },
  };
  const { base, ask, instances, proxies } = await startDatabases(t, { settings: { inventory } });
  const path = `${base}/flavors/gaussdb-mysql?availability_zone_mode=single`;
  const { flavors } = (await ask("GET", path)).body;
  assert.deepEqual(flavors, [
    {
      id: flavors[0].id,
      spec_code: "my.flavor",
      type: "arm",
      vcpus: "1",
      ram: "2",
      version_name: "8.0",
      instance_mode: "Cluster",
      az_status: { "eu-local-1x": "normal" },
    },
  ]);
  assert.deepEqual((await ask("GET", `${path}&spec_code=none`)).body, { flavors: [] });
  assert.deepEqual((await ask("GET", `${path}&version_name=5.7`)).body, { flavors: [] });
  assertRefused(await ask("GET", `${base}/flavors/gaussdb-mysql`), 400, "280001");
  assertRefused(await ask("GET", `${base}/flavors/postgres?availability_zone_mode=single`), 400, "280001");

  const id = await instances.up({ flavor_ref: "my.flavor" });
  const { proxy_flavor_groups: groups } = (await ask("GET", `${base}/instances/${id}/proxy/flavors?query_type=create`))
    .body;
  assert.deepEqual(
    groups.map((one: { group_type: string }) => one.group_type),
    ["ARM", "X86"],
  );
  assert.equal(groups[0].proxy_flavors[0].spec_code, "my.flavor");
  assert.equal((await proxies.create(id, { flavor_ref: "b" })).status, 201);
  assertRefused(await ask("GET", `${base}/instances/${"f".repeat(32)}in07/proxy/flavors`), 404, "201028");
});

test("a wrong inventory stops the start and is named", async (t) => {
  const start = (gaussdb: unknown) => startDatabases(t, { settings: { inventory: { gaussdb } } });
  await assert.rejects(start({ flavors: [] }), /inventory\.gaussdb\.flavors/);
  await assert.rejects(
    start({ flavors: [{ spec_code: "a", type: "x86", vcpus: "two", ram: "4" }] }),
    /flavors\[0\]\.vcpus/,
  );
  await assert.rejects(start({ racks: 2 }), /inventory\.gaussdb/);
});
