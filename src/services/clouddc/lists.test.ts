import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, NOBODY, startCloud } from "./clouddc-testing.ts";

const rack = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    sn: `sn-${index}`,
    name: `server-${index}`,
    manufacturer: "m",
    model: "x",
    dc: "d",
    rack: "r",
    unit: String(index),
    ...(index === 0 ? { manage_state: "maintain", frozen_state: 4 } : {}),
  }));
const withServers = (count: number) => ({ settings: { inventory: { clouddc: { servers: rack(count) } } } });

test("servers come in pages of 10 to 1000, each after the last id of the one before", async (t) => {
  const { one } = await startCloud(t, withServers(23));
  const names: string[] = [];
  let marker = "";
  for (const size of [10, 10, 3]) {
    const { body } = await one.ask("GET", `/physicalservers?limit=1${marker}`);
    assert.equal(body.servers.length, size);
    assert.equal(body.count, 23);
    assert.equal(body.page_info.current_count, size);
    assert.equal(body.page_info.previous_marker, body.servers[0].id);
    names.push(...body.servers.map((item: { name: string }) => item.name));
    const last = body.servers.at(-1).id;
    assert.equal(body.page_info.next_marker, size === 10 ? last : undefined);
    marker = `&marker=${last}`;
  }
  assert.deepEqual(
    names,
    rack(23).map((item) => item.name),
  );
  assert.equal((await one.servers("")).length, 10);
  assert.equal((await one.servers("?limit=-3")).length, 10);
  assert.equal((await one.servers("?limit=15")).length, 15);
  assert.equal((await one.servers("?limit=5000")).length, 23);
  assert.deepEqual(await one.servers(`?marker=${NOBODY}`), []);
  assertError(await one.ask("GET", "/physicalservers?limit=ten"), 400, "iMetal.0001", /limit/);
});

test("servers are filtered by state; frozen asks for a frozen_state", async (t) => {
  const { one } = await startCloud(t, withServers(3));
  const names = async (query: string) => (await one.servers(query)).map((server) => server.name);
  assert.deepEqual(await names("?manage_state=ready"), ["server-1", "server-2"]);
  assert.deepEqual(await names("?manage_state=maintain"), ["server-0"]);
  assert.deepEqual(await names("?manage_state=frozen"), ["server-0"]);
  assert.deepEqual(await names("?manage_state=delivering"), []);
  assertError(await one.ask("GET", "/physicalservers?manage_state=happy"), 400, "iMetal.0001", /manage_state/);
});

test("instances are filtered by state, by ids and by servers, and come in pages", async (t) => {
  const { ebb, one } = await startCloud(t, withServers(14));
  const ids: string[] = [];
  for (let turn = 0; turn < 13; turn++) ids.push(await one.create({ name: `i${turn}` }));
  const listed = async (query: string) => (await one.instances(query)).map((instance) => instance.id);
  assert.deepEqual(await listed(""), ids.slice(0, 10));
  assert.deepEqual(await listed(`?marker=${ids[9]}`), ids.slice(10));
  const { body } = await one.ask("GET", "/instances?limit=10");
  assert.deepEqual(body.page_info, { next_marker: ids[9], previous_marker: ids[0], current_count: 10 });
  assert.equal(body.count, 13);
  await ebb.pass(20 * 60_000);
  await one.remove(ids[3] ?? "");
  assert.deepEqual(await listed("?instance_state=shutting-down"), [ids[3]]);
  assert.deepEqual(await listed("?instance_state=reinstalling"), []);
  assert.deepEqual(await listed(`?instance_id=${ids[4]},${NOBODY},${ids[2]}`), [ids[2], ids[4]]);
  const { server_id } = await one.instance(ids[5] ?? "");
  assert.deepEqual(await listed(`?server_id=${server_id}`), [ids[5]]);
});

test("wrong filters are a bad request", async (t) => {
  const { one } = await startCloud(t, withServers(1));
  const many = Array.from({ length: 101 }, () => NOBODY).join(",");
  const wrong = { instance_state: "happy", instance_id: "x", server_id: "a,b", limit: "ten" };
  for (const [field, value] of Object.entries(wrong)) {
    assertError(await one.ask("GET", `/instances?${field}=${value}`), 400, "iMetal.0001", new RegExp(field));
  }
  assertError(await one.ask("GET", `/instances?instance_id=${many}`), 400, "iMetal.0001", /101 ids/);
  const both = await one.ask("GET", `/instances?instance_id=${NOBODY}&server_id=${NOBODY}`);
  assertError(both, 400, "iMetal.0001", /exclude each other/);
});
