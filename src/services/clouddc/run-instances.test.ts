import assert from "node:assert/strict";
import { test } from "node:test";
import { besideAnother } from "../../../test/beside.ts";
import { assertError, INSTALLS_MS, NOBODY, SUBNET, startCloud, UNINSTALLS_MS, wanted } from "./clouddc-testing.ts";

/** The default inventory has five idle servers. */
const IDLE = 5;

test("between min_count and max_count as many start as there are idle servers", async (t) => {
  const { ebb, one } = await startCloud(t);
  const run = (more: object) => one.ask("POST", "/instances/batch-create", wanted({ name: "web", ...more }));
  const first = await run({ min_count: 1, max_count: 3 });
  assert.equal(first.status, 202);
  assert.equal(first.body.instances.length, 3);
  const second = await run({ min_count: 1, max_count: 3 });
  assert.equal(second.body.instances.length, IDLE - 3);
  const listed = await one.instances();
  assert.deepEqual(
    listed.map((item) => item.name),
    ["web-0001", "web-0002", "web-0003", "web-0001", "web-0002"],
  );
  assert.equal(new Set(listed.map((item) => item.server_id)).size, IDLE);
  assert.equal(new Set(listed.map((item) => item.network_interfaces[0]?.ipv4_address)).size, IDLE);
  await ebb.pass(INSTALLS_MS);
  assert.ok((await one.instances()).every((item) => item.state === "running"));
});

test("fewer idle servers than min_count start nothing", async (t) => {
  const { one } = await startCloud(t);
  await one.create();
  const answer = await one.ask("POST", "/instances/batch-create", wanted({ min_count: IDLE, max_count: IDLE + 5 }));
  assertError(answer, 400, "iMetal.0101", /4 idle, 5 wanted/);
  assert.equal((await one.instances()).length, 1);
  assert.equal((await one.servers("?manage_state=ready")).length, IDLE - 1);
});

test("named servers are taken whatever the counts say, and all of them must be idle", async (t) => {
  const { one } = await startCloud(t);
  const [a, b, c] = (await one.servers("?manage_state=ready")).map((server) => server.id);
  assert.ok(a && b && c);
  const run = (server_id_set: string[]) =>
    one.ask("POST", "/instances/batch-create", wanted({ min_count: 1, max_count: 1, placement: { server_id_set } }));
  const made = await run([b, a]);
  assert.equal(made.status, 202);
  assert.deepEqual(
    (await one.instances()).map((item) => item.server_id),
    [b, a],
  );
  assertError(await run([a, c, b]), 400, "iMetal.0101", new RegExp(`\\[${a}, ${b}\\]`));
  assertError(await run([c, NOBODY]), 404, "iMetal.0100", new RegExp(`\\[${NOBODY}\\]`));
  assert.equal((await one.server(c)).manage_state, "ready");
});

test("without counts it is one, under its own name", async (t) => {
  const { one } = await startCloud(t);
  const answer = await one.ask("POST", "/instances/batch-create", wanted());
  assert.equal(answer.body.instances.length, 1);
  assert.deepEqual(
    (await one.instances()).map(({ id, name }) => ({ id, name })),
    [{ id: answer.body.instances[0].id, name: "gpu-node-01" }],
  );
});

test("wrong counts are a bad request", async (t) => {
  const { one } = await startCloud(t);
  const run = (more: object) => one.ask("POST", "/instances/batch-create", wanted(more));
  assertError(await run({ min_count: 3, max_count: 2 }), 400, "iMetal.0001", /min_count 3 is above max_count 2/);
  assertError(await run({ max_count: 101 }), 400, "iMetal.0001", /max_count/);
  assertError(await run({ min_count: 0 }), 400, "iMetal.0001", /min_count/);
});

test("an address is chosen that is free, and is free again only once its instance is terminated", async (t) => {
  const { ebb, one } = await startCloud(t);
  const addressesOf = async (id: string) => (await one.instance(id)).network_interfaces.map((nic) => nic.ipv4_address);
  const two = [{ subnet_id: SUBNET }, { subnet_id: SUBNET }];
  const first = await one.running({ network_interfaces: two });
  const [a, b] = await addressesOf(first);
  assert.match(a ?? "", /^10\.\d+\.\d+\.2$/);
  assert.match(b ?? "", /^10\.\d+\.\d+\.3$/);
  await one.remove(first);
  const second = await one.create();
  assert.match((await addressesOf(second))[0] ?? "", /\.4$/);
  await ebb.pass(UNINSTALLS_MS);
  assert.deepEqual(await addressesOf(await one.create()), [a]);
});

test("a named address is kept, and refused to others in its subnet", async (t) => {
  const { one, two } = await startCloud(t);
  const nic = { subnet_id: SUBNET, ipv4_address: "10.20.0.15" };
  const id = await one.create({ network_interfaces: [nic] });
  assert.deepEqual((await one.instance(id)).network_interfaces, [nic]);
  const again = await one.ask("POST", "/instances", wanted({ network_interfaces: [nic] }));
  assertError(again, 400, "iMetal.0001", /10\.20\.0\.15 is in use/);
  const twice = { ...nic, ipv4_address: "10.20.0.16" };
  const both = await one.ask("POST", "/instances", wanted({ network_interfaces: [twice, twice] }));
  assertError(both, 400, "iMetal.0001", /10\.20\.0\.16 is in use/);
  assert.equal((await one.instances()).length, 1, "a refused create takes no server");
  assert.equal((await one.servers("?manage_state=in-use")).length, 1);
  await one.create({ network_interfaces: [{ ...nic, subnet_id: "other" }] });
  await two.create({ network_interfaces: [nic] });
});

test("requests at the same time choose different servers and addresses", async (t) => {
  const beside = besideAnother("accept");
  const { one } = await startCloud(t, { ports: { hooks: beside.hooks } });
  const ask = () => one.ask("POST", "/instances", wanted());
  const answers = await beside.of(() => Promise.all(Array.from({ length: IDLE + 2 }, ask)));
  assert.equal(answers.filter((answer) => answer.status === 202).length, IDLE);
  assert.equal(answers.filter((answer) => answer.status === 400).length, 2);
  const listed = await one.instances();
  assert.equal(new Set(listed.map((item) => item.server_id)).size, IDLE);
  assert.equal(new Set(listed.map((item) => item.network_interfaces[0]?.ipv4_address)).size, IDLE);
});
