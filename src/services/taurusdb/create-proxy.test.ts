import assert from "node:assert/strict";
import { test } from "node:test";
import { A_WHILE, assertRefused, forGood, PROXY_FLAVOR, SUBNET, startDatabases } from "./taurusdb-testing.ts";

/** A database that is up, and its nodes' ids: the primary's and the replicas'. */
async function database(t: Parameters<typeof startDatabases>[0], overrides?: object) {
  const it = await startDatabases(t);
  const id = await it.instances.up(overrides);
  const ids = (await it.instances.show(id)).body.instance.nodes.map((one: { id: string }) => one.id) as string[];
  return { ...it, id, primary: ids[0] ?? "", replicas: ids.slice(1) };
}

const weigh = (...pairs: [string, number][]) => pairs.map(([node, weight]) => ({ id: node, weight }));
const weight = (node: string, value: number) => ({ nodes_read_weight: weigh([node, value]) });

test("a proxy is shown with all its fields, of the types that clients insist on", async (t) => {
  const { id, proxies, primary, replicas } = await database(t);
  const pool = await proxies.up(id, { proxy_name: "orders-rw" });
  assert.match(pool, /^[0-9a-f]{32}po01$/);
  const { body } = await proxies.list(id);
  const { proxy } = body.proxy_list[0];
  const zone = [{ code: "eu-local-1a", description: "AZ1" }];
  const node = (at: number) => ({
    id: proxy.nodes[at].id,
    name: `PROXY-${pool}_${at}`,
    role: at === 0 ? "master" : "slave",
    az_code: "eu-local-1a",
    status: "ACTIVE",
    frozen_flag: 0,
  });
  assert.deepEqual(body, {
    proxy_list: [
      {
        proxy: {
          pool_id: pool,
          name: "orders-rw",
          status: "ACTIVE",
          pool_status: "ACTIVE",
          address: proxy.address,
          elb_vip: "",
          eip: "",
          port: 3306,
          delay_threshold_in_seconds: 30,
          vcpus: "2",
          ram: "4",
          node_num: 2,
          type: "readwrite",
          mode: "Cluster",
          flavor_ref: PROXY_FLAVOR,
          route_mode: 0,
          balance_route_mode_enabled: true,
          connection_pool_type: "CLOSED",
          switch_connection_pool_type_enabled: true,
          consistence_mode: "eventual",
          transaction_split: "false",
          ssl_option: "false",
          subnet_id: SUBNET,
          new_node_auto_add_status: "OFF",
          new_node_weight: 100,
          support_ap_node: false,
          created_at: "2026-01-05T08:30:00+0000",
          updated_at: "2026-01-05T08:35:00+0000",
          nodes: [node(0), node(1)],
        },
        master_node: {
          id: primary,
          instance_id: id,
          status: "ACTIVE",
          name: "orders-db_node01",
          weight: 0,
          availability_zone: zone,
        },
        readonly_nodes: [
          {
            id: replicas[0],
            instance_id: id,
            status: "ACTIVE",
            name: "orders-db_node02",
            weight: 100,
            availability_zone: zone,
          },
        ],
        htap_nodes: [],
      },
    ],
  });
  for (const one of proxy.nodes) assert.match(one.id, /^[0-9a-f]{32}pn01$/);
});

test("proxies are listed a page at a time, and the list ends with an empty page", async (t) => {
  const { id, proxies } = await database(t);
  const all = [await proxies.up(id), await proxies.up(id), await proxies.up(id)];
  const ids = async (query: string) =>
    (await proxies.list(id, query)).body.proxy_list.map((one: { proxy: { pool_id: string } }) => one.proxy.pool_id);
  assert.deepEqual(await ids(""), all);
  assert.deepEqual(await ids("?offset=1&limit=1"), [all[1]]);
  assert.deepEqual(await ids("?offset=3"), []);
  assertRefused(await proxies.list(id, "?limit=0"), 400, "280439");
});

test("the weights of a proxy follow its route mode", async (t) => {
  const { id, proxies, primary, replicas } = await database(t, { slave_count: 2 });
  const [a = "", b = ""] = replicas;
  const cases: [asked: object, primary: number, replicas: Record<string, number>][] = [
    [{}, 0, { [a]: 100, [b]: 100 }],
    [{ route_mode: 1 }, 0, { [a]: 1, [b]: 1 }],
    [{ route_mode: 2, proxy_mode: "readonly" }, 0, { [a]: 1, [b]: 1 }],
    [{ nodes_read_weight: weigh([primary, 1000], [b, 7]) }, 1000, { [b]: 7 }],
  ];
  const pools: string[] = [];
  for (const [asked] of cases) pools.push(await proxies.up(id, asked));
  const { proxy_list: list } = (await proxies.list(id)).body;
  for (const [at, [asked, ofPrimary, others]] of cases.entries()) {
    const { proxy, master_node, readonly_nodes } = list[at];
    assert.equal(proxy.pool_id, pools[at]);
    assert.equal(master_node.weight, ofPrimary, JSON.stringify(asked));
    const pairs = readonly_nodes.map((one: { id: string; weight: number }) => [one.id, one.weight]);
    assert.deepEqual(Object.fromEntries(pairs), others, JSON.stringify(asked));
  }
});

test("every wrong field of a proxy has its own code", async (t) => {
  const { id, base, ask, proxies, primary, replicas } = await database(t);
  const [replica = ""] = replicas;
  const cases: [code: string, wrong: object][] = [
    ["280288", { flavor_ref: "gaussdb.proxy.none" }],
    ["280001", { flavor_ref: undefined }],
    ["280001", { node_num: 1 }],
    ["280001", { node_num: 17 }],
    ["280001", { node_num: "2" }],
    ["280277", { proxy_name: "abc" }],
    ["280277", { proxy_name: "数".repeat(22) }],
    ["270026", { proxy_mode: "writeonly" }],
    ["280001", { route_mode: 3 }],
    ["270025", weight(replica, 1001)],
    ["270025", weight(replica, -1)],
    ["270025", weight("a".repeat(36), 1)],
    ["270025", { ...weight(primary, 0), proxy_mode: "readonly" }],
    ["270025", { ...weight(replica, 2), route_mode: 1 }],
    ["270025", { ...weight(primary, 1), route_mode: 1 }],
    ["270025", { ...weight(primary, 0), route_mode: 2 }],
    ["270025", { new_node_weight: 1001 }],
    ["280001", { new_node_auto_add_status: "on" }],
    ["200049", { subnet_id: "subnet" }],
  ];
  for (const [code, wrong] of cases) {
    const answer = await proxies.create(id, wrong);
    assert.equal(answer.body.error_code, `DBS.${code}`, JSON.stringify(wrong));
    assertRefused(answer, 400, code);
  }
  assertRefused(await ask("POST", `${base}/instances/${id}/proxy`), 400, "200006");
  assert.deepEqual((await proxies.list(id)).body, { proxy_list: [] });
});

test("a proxy needs a replica", async (t) => {
  const { id, ebb, base, ask, proxies } = await database(t, { slave_count: 0 });
  assertRefused(await proxies.create(id), 400, "280001");
  assert.equal((await ask("POST", `${base}/instances/${id}/nodes/enlarge`, { priorities: [1] })).status, 201);
  await ebb.pass(A_WHILE);
  assert.equal((await proxies.create(id)).status, 201);
});

test("a database has at most four proxies, and fewer with an old kernel", async (t) => {
  const { id, instances, proxies } = await database(t);
  for (let count = 0; count < 4; count++) await proxies.up(id);
  assertRefused(await proxies.create(id), 400, "280001");
  const [first] = Object.keys(await proxies.statuses(id));
  await proxies.delete(id, [first]);
  assertRefused(await proxies.create(id), 400, "280001");
  const kernel = (kernel_version: string) =>
    instances.up({ datastore: { type: "gaussdb-mysql", version: "8.0", kernel_version } });
  const single = await kernel("2.0.42.230600");
  await proxies.up(single);
  assertRefused(await proxies.create(single), 400, "280001");
  const several = await kernel("2.0.42.230601");
  await proxies.up(several);
  await proxies.up(several);
  for (const early of ["2.0.26.2", "2.0.28.3", "2.0.29.1"]) {
    assertRefused(await proxies.create(await kernel(early)), 400, "05000001");
  }
  await proxies.up(await kernel("2.0.29.2"));
});

test("only one proxy of a database is being enabled at a time", async (t) => {
  const { id, ebb, proxies } = await database(t);
  assert.equal((await proxies.create(id)).status, 201);
  assertRefused(await proxies.create(id), 409, "200047");
  await ebb.pass(A_WHILE);
  const [first] = Object.keys(await proxies.statuses(id));
  await proxies.delete(id, [first]);
  assert.equal((await proxies.create(id)).status, 201);
});

test("a database that has failed takes no proxy and no node", async (t) => {
  const { ebb, base, ask, instances, proxies } = await startDatabases(t);
  t.mock.method(ebb.house.drivers.databases, "make", async () => {
    throw forGood("no disk is left");
  });
  const { id } = (await instances.create()).body.instance;
  await ebb.settle();
  assertRefused(await proxies.create(id), 409, "200047");
  assertRefused(await ask("POST", `${base}/instances/${id}/nodes/enlarge`, { priorities: [1] }), 409, "200047");
});
