import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertCleanSlate,
  assertError,
  MINUTE,
  NOBODY,
  PASSWORD,
  POWERS_MS,
  refusal,
  SUBNET,
  startCloud,
  UNINSTALLS_MS,
} from "./clouddc-testing.ts";

/** What a change of a deployed system takes in the simulated world. */
const CHANGES_MS = 2 * MINUTE;
const OTHER_IMAGE = "0a1b2c3d-1111-4222-8333-444455557777";

test("a reinstall shows pending, then running, with the other image", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  const { launched_at } = await one.instance(id);
  const body = { password: PASSWORD, image_id: OTHER_IMAGE, instance_id_set: [id] };
  const answer = await one.ask("PUT", "/instances/reinstall", body);
  assert.equal(answer.status, 202);
  assert.deepEqual(answer.body, { instances: [{ id }] });
  assert.deepEqual(await one.status(id), { state: "pending", operation_state: "reinstall-processing" });
  await ebb.pass(CHANGES_MS);
  assert.deepEqual(await one.status(id), { state: "running", operation_state: "reinstall-succeed" });
  const { body: listed } = await one.ask("GET", `/instances?instance_id=${id}`);
  assert.equal(listed.instances[0].image.id, OTHER_IMAGE);
  assert.equal(listed.instances[0].launched_at, launched_at);
});

test("a reinstall of a stopped instance switches its server on", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  const { server_id } = await one.instance(id);
  await one.power("power off", server_id);
  await ebb.pass(POWERS_MS);
  const body = { password: PASSWORD, image_id: "", instance_id_set: [id] };
  assert.equal((await one.ask("PUT", "/instances/reinstall", body)).status, 202);
  await ebb.pass(POWERS_MS + CHANGES_MS);
  assert.equal((await one.server(server_id)).power_state, "on");
  assert.equal((await one.status(id)).state, "running");
});

test("after a failed creation or reinstall another reinstall can mend it", async (t) => {
  const { ebb, one } = await startCloud(t);
  const { servers } = ebb.house.drivers;
  const reinstall = (id: string) =>
    one.ask("PUT", "/instances/reinstall", { password: PASSWORD, instance_id_set: [id] });
  const make = t.mock.method(servers, "make", () => Promise.reject(refusal("no image")), { times: 1 });
  const id = await one.create();
  await ebb.settle();
  assert.equal((await one.status(id)).state, "error");
  make.mock.restore();
  assert.equal((await reinstall(id)).status, 202);
  await ebb.pass(20 * MINUTE);
  assert.equal((await one.status(id)).state, "running");
  t.mock.method(servers, "change", () => Promise.reject(refusal("no image")), { times: 1 });
  await reinstall(id);
  await ebb.settle();
  const { state, operation_state, error } = await one.status(id);
  assert.deepEqual([state, operation_state], ["error", "reinstall-failed"]);
  assert.deepEqual(error, { error_code: "iMetal.0099", error_msg: "no image", error_type: "reinstall_error" });
  await reinstall(id);
  await ebb.pass(CHANGES_MS);
  assert.equal((await one.status(id)).state, "running");
});

test("a reinstall is refused while an instance comes or goes, and after a failed delete; all in the way are named", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const stuck = await one.running();
  const running = await one.running();
  t.mock.method(ebb.house.drivers.servers, "unmake", () => Promise.reject(refusal("locked")), { times: 1 });
  await one.remove(stuck);
  await ebb.settle();
  const pending = await one.create();
  const instance_id_set = [pending, running, stuck];
  const answer = await one.ask("PUT", "/instances/reinstall", { password: PASSWORD, instance_id_set });
  assertError(answer, 400, "iMetal.0201", new RegExp(`^Instances state is not ready: \\[${pending}, ${stuck}\\]$`));
  assert.equal((await one.status(running)).state, "running");
  for (const id of instance_id_set) await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  await assertCleanSlate(cloud);
});

test("a reinstall is refused with a weak password, and while the power of the server is changing", async (t) => {
  const { one } = await startCloud(t);
  const id = await one.running();
  const { server_id } = await one.instance(id);
  const reinstall = (password: string) => one.ask("PUT", "/instances/reinstall", { password, instance_id_set: [id] });
  assertError(await reinstall("onlyletters"), 400, "iMetal.0001", /password needs three of/);
  await one.power("power off", server_id);
  assertError(await reinstall(PASSWORD), 400, "iMetal.0101", new RegExp(`\\[${server_id}\\]`));
  assert.equal((await one.status(id)).state, "running");
});

test("a delete aborts a reinstall", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  await one.ask("PUT", "/instances/reinstall", { password: PASSWORD, instance_id_set: [id] });
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  assert.deepEqual(await one.status(id), { state: "terminated", operation_state: "uninstall-succeed" });
  await assertCleanSlate(cloud);
});

test("a password is changed for all that are named or for none, at once", async (t) => {
  const { one } = await startCloud(t);
  const id = await one.running();
  const pending = await one.create();
  const change = (...instance_id_set: string[]) =>
    one.ask("PUT", "/instances/password", { new_password: "weak", instance_id_set });
  const answer = await change(id);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, { instances: [{ id }] });
  assert.equal((await one.status(id)).state, "running");
  assertError(await change(id, pending), 400, "iMetal.0201", new RegExp(`\\[${pending}\\]`));
  assertError(await change(id, NOBODY), 404, "iMetal.0200", new RegExp(`\\[${NOBODY}\\]`));
  assertError(await change(), 400, "iMetal.0002", /instance_id_set/);
  const empty = await one.ask("PUT", "/instances/password", { new_password: "", instance_id_set: [id] });
  assertError(empty, 400, "iMetal.0001", /new_password/);
});

test("an instance keeps its address until it has the other one, and both are taken meanwhile", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  const addressOf = async (which: string) => (await one.instance(which)).network_interfaces[0]?.ipv4_address;
  const before = await addressOf(id);
  const nics = [{ subnet_id: SUBNET, ip_address: "10.20.0.77" }];
  const answer = await one.ask("PUT", `/instances/${id}/ip`, { vpc_id: "other-vpc", nics });
  assert.equal(answer.status, 202);
  assert.equal(answer.text, "");
  assert.deepEqual(await one.status(id), { state: "running", operation_state: "modify-ip-processing" });
  assert.equal(await addressOf(id), before);
  assertError(await one.ask("PUT", `/instances/${id}/ip`, { nics }), 400, "iMetal.0201", new RegExp(id));
  assert.notEqual(await addressOf(await one.create()), before);
  await ebb.pass(CHANGES_MS);
  assert.deepEqual(await one.status(id), { state: "running", operation_state: "modify-ip-succeed" });
  assert.equal(await addressOf(id), "10.20.0.77");
  const { body } = await one.ask("GET", `/instances?instance_id=${id}`);
  assert.equal(body.instances[0].vpc_id, "other-vpc");
  assert.equal(await addressOf(await one.create()), before);
});

test("an address of another instance is refused", async (t) => {
  const { one } = await startCloud(t);
  const id = await one.running();
  const nic = { subnet_id: SUBNET, ipv4_address: "10.20.0.15" };
  await one.create({ network_interfaces: [nic] });
  const nics = [{ subnet_id: SUBNET, ip_address: nic.ipv4_address }];
  assertError(await one.ask("PUT", `/instances/${id}/ip`, { nics }), 400, "iMetal.0001", /10\.20\.0\.15 is in use/);
});

test("a reinstall after a failed change of address brings the address that was asked for", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  t.mock.method(ebb.house.drivers.servers, "change", () => Promise.reject(refusal("no port")), { times: 1 });
  await one.ask("PUT", `/instances/${id}/ip`, { nics: [{ subnet_id: SUBNET, ip_address: "10.20.0.78" }] });
  await ebb.settle();
  const body = { password: PASSWORD, instance_id_set: [id] };
  assert.equal((await one.ask("PUT", "/instances/reinstall", body)).status, 202);
  await ebb.pass(CHANGES_MS);
  assert.deepEqual(await one.status(id), { state: "running", operation_state: "reinstall-succeed" });
  assert.equal((await one.instance(id)).network_interfaces[0]?.ipv4_address, "10.20.0.78");
});

test("a change of address that the world refuses shows as failed on a running instance, and can be asked for again", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  t.mock.method(ebb.house.drivers.servers, "change", () => Promise.reject(refusal("no port")), { times: 1 });
  await one.ask("PUT", `/instances/${id}/ip`, { nics: [{ subnet_id: SUBNET }] });
  await ebb.settle();
  assert.deepEqual(await one.status(id), {
    state: "running",
    operation_state: "modify-ip-failed",
    error: { error_code: "iMetal.0099", error_msg: "no port", error_type: "modify_ip_error" },
  });
  assert.equal((await one.ask("PUT", `/instances/${id}/ip`, { nics: [{ subnet_id: SUBNET }] })).status, 202);
  await ebb.pass(CHANGES_MS);
  assert.equal((await one.status(id)).operation_state, "modify-ip-succeed");
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  await assertCleanSlate(cloud);
});
