import assert from "node:assert/strict";
import { test } from "node:test";
import { START } from "../../../test/harness.ts";
import {
  assertCleanSlate,
  assertError,
  IMAGE,
  INSTALLS_MS,
  MINUTE,
  NOBODY,
  PASSWORD,
  refusal,
  SUBNET,
  startCloud,
  UNINSTALLS_MS,
  VPC,
  wanted,
} from "./clouddc-testing.ts";

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an instance goes from pending to running, and its server from ready to in-use with the acceptance", async (t) => {
  const { ebb, one } = await startCloud(t);
  const server = await one.idle();
  const id = await one.create({ placement: { server_id: server } });
  assert.match(id, UUID7);
  assert.equal((await one.server(server)).manage_state, "in-use");
  assert.deepEqual(await one.status(id), { state: "pending", operation_state: "install-processing" });
  await ebb.pass(INSTALLS_MS - 1);
  assert.equal((await one.status(id)).state, "pending");
  await ebb.pass(1);
  assert.deepEqual(await one.status(id), { state: "running", operation_state: "install-succeed" });
  assert.equal((await one.instance(id)).server_id, server);
});

const time = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");

test("a listed instance has every documented field", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.create({ metadata: { team: "search" }, description: "first" });
  const before = await one.instance(id);
  assert.equal(before.launched_at, "");
  await ebb.pass(INSTALLS_MS);
  assert.deepEqual(await one.instance(id), {
    id,
    name: "gpu-node-01",
    vpc_id: VPC,
    network_interfaces: before.network_interfaces,
    tags: [],
    image: { id: IMAGE, name: "image-0a1b2c3d", os_type: "Linux" },
    description: "first",
    state: "running",
    operation_state: "install-succeed",
    metadata: { team: "search" },
    server_id: before.server_id,
    created_at: time(START),
    updated_at: time(START + INSTALLS_MS),
    launched_at: time(START + INSTALLS_MS),
  });
  assert.equal(before.network_interfaces[0]?.subnet_id, SUBNET);
});

test("without a named server one of the idle ones is taken, until there is none", async (t) => {
  const { one } = await startCloud(t);
  const idle = (await one.servers("?manage_state=ready")).map((server) => server.id);
  const ids: string[] = [];
  for (let turn = 0; turn < idle.length; turn++) ids.push(await one.create());
  const used = (await one.instances()).map((instance) => instance.server_id);
  assert.deepEqual(used.toSorted(), idle.toSorted());
  assert.notDeepEqual(used, idle, "the pick is random");
  assertError(await one.ask("POST", "/instances", wanted()), 400, "iMetal.0101", /0 idle, 1 wanted/);
  assert.equal((await one.instances()).length, ids.length);
});

test("a named server that is in use, under repair or frozen is refused, and one that does not exist is not found", async (t) => {
  const own = { manufacturer: "m", model: "x", dc: "d", rack: "r" };
  const servers = [
    { ...own, sn: "a", unit: "1" },
    { ...own, sn: "b", unit: "2", manage_state: "maintain" },
    { ...own, sn: "c", unit: "3", frozen_state: 4 },
  ];
  const { one } = await startCloud(t, { settings: { inventory: { clouddc: { servers } } } });
  const [free, broken, frozen] = await one.servers();
  assert.ok(free && broken && frozen);
  await one.create({ placement: { server_id: free.id } });
  for (const { id } of [free, broken, frozen]) {
    const answer = await one.ask("POST", "/instances", wanted({ placement: { server_id: id } }));
    assertError(answer, 400, "iMetal.0101", new RegExp(`^Physical servers state is not ready: \\[${id}\\]$`));
  }
  const unknown = await one.ask("POST", "/instances", wanted({ placement: { server_id: NOBODY } }));
  assertError(unknown, 404, "iMetal.0100", new RegExp(`^Physical servers ID not found: \\[${NOBODY}\\]$`));
  assertError(await one.ask("POST", "/instances", wanted()), 400, "iMetal.0101", /0 idle/);
});

test("a creation that the world refuses ends in error with the reason, keeps its server, and can be deleted", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  t.mock.method(ebb.house.drivers.servers, "make", () => Promise.reject(refusal("no image")), { times: 1 });
  const id = await one.create();
  await ebb.settle();
  assert.deepEqual(await one.status(id), {
    state: "error",
    operation_state: "install-failed",
    error: { error_code: "iMetal.0099", error_msg: "no image", error_type: "create_instance_error" },
  });
  assert.equal((await one.servers("?manage_state=in-use")).length, 1);
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  assert.deepEqual(await one.status(id), { state: "terminated", operation_state: "uninstall-succeed" });
  await assertCleanSlate(cloud);
});

test("the password is in no table", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  await one.ask("PUT", "/instances/password", { new_password: PASSWORD, instance_id_set: [id] });
  await one.ask("PUT", "/instances/reinstall", { password: PASSWORD, instance_id_set: [id] });
  await ebb.pass(30 * MINUTE);
  for (const table of ["resources", "operations", "events", "holdings", "sim_things"]) {
    const rows = await ebb.store.read((session) => session.all<object>(`SELECT * FROM ${table}`));
    assert.ok(rows.length > 0, table);
    assert.ok(!JSON.stringify(rows).includes(PASSWORD), table);
  }
});
