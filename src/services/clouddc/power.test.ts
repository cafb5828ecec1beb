import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertCleanSlate,
  assertError,
  INSTALLS_MS,
  MINUTE,
  NOBODY,
  POWERS_MS,
  refusal,
  startCloud,
  UNINSTALLS_MS,
  wanted,
} from "./clouddc-testing.ts";

test("power off takes a running instance to stopped, and power on takes it back", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  const { server_id } = await one.instance(id);
  const seen = async () => {
    const { power_state, operation_state } = await one.server(server_id);
    return [power_state, operation_state, (await one.status(id)).state];
  };
  const answer = await one.power("power off", server_id);
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, { physical_servers: [{ id: server_id }] });
  assert.deepEqual(await seen(), ["on", "power-off-processing", "running"]);
  await ebb.pass(POWERS_MS);
  assert.deepEqual(await seen(), ["off", "power-off-succeed", "stopped"]);
  await one.power("power on", server_id);
  assert.deepEqual(await seen(), ["off", "power-on-processing", "stopped"]);
  await ebb.pass(POWERS_MS);
  assert.deepEqual(await seen(), ["on", "power-on-succeed", "running"]);
  assert.equal((await one.server(server_id)).manage_state, "in-use");
});

test("a reboot leaves everything on", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  const { server_id } = await one.instance(id);
  await one.power("rebooting", server_id);
  assert.equal((await one.server(server_id)).operation_state, "reboot-processing");
  await ebb.pass(POWERS_MS);
  const { power_state, operation_state } = await one.server(server_id);
  assert.deepEqual([power_state, operation_state], ["on", "reboot-succeed"]);
  assert.equal((await one.status(id)).state, "running");
});

test("a reboot of a server that is off starts its instance", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.running();
  const { server_id } = await one.instance(id);
  await one.power("power off", server_id);
  await ebb.pass(POWERS_MS);
  await one.power("rebooting", server_id);
  await ebb.pass(POWERS_MS);
  assert.equal((await one.server(server_id)).power_state, "on");
  assert.equal((await one.status(id)).state, "running");
});

test("power is refused while an instance is installed or removed, and while another change is under way", async (t) => {
  const { ebb, one } = await startCloud(t);
  const id = await one.create();
  const { server_id } = await one.instance(id);
  const refused = async () => {
    const answer = await one.power("power off", server_id);
    assertError(answer, 400, "iMetal.0101", new RegExp(`^Physical servers state is not ready: \\[${server_id}\\]$`));
  };
  await refused();
  await ebb.pass(INSTALLS_MS);
  await one.power("power on", server_id);
  await refused();
  await ebb.pass(POWERS_MS);
  await one.remove(id);
  await refused();
  await ebb.pass(UNINSTALLS_MS);
  assert.equal((await one.power("power off", server_id)).status, 200);
});

test("a change of power that was asked for before the delete does not touch the instance", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const id = await one.running();
  const { server_id } = await one.instance(id);
  await one.power("power off", server_id);
  await one.remove(id);
  await ebb.pass(POWERS_MS);
  assert.equal((await one.server(server_id)).power_state, "off");
  assert.equal((await one.status(id)).state, "shutting-down");
  await ebb.pass(UNINSTALLS_MS);
  await assertCleanSlate(cloud);
});

test("a batch names every server whose power is changing", async (t) => {
  const { one } = await startCloud(t);
  const [a, b, c] = (await one.servers("?manage_state=ready")).map((server) => server.id);
  assert.ok(a && b && c);
  await one.power("power off", a, b);
  assertError(await one.power("power on", c, b, a), 400, "iMetal.0101", new RegExp(`\\[${b}, ${a}\\]$`));
  assert.equal((await one.server(c)).operation_state, undefined);
});

test("a batch of which one is unknown or busy switches nothing, and names all that are in the way", async (t) => {
  const { ebb, one, two } = await startCloud(t);
  const busy = (await one.instance(await one.create())).server_id;
  const free = await one.idle();
  const theirs = await two.idle();
  assertError(
    await one.power("power off", free, theirs, NOBODY),
    404,
    "iMetal.0100",
    new RegExp(`${theirs}, ${NOBODY}`),
  );
  assertError(await one.power("power off", free, busy), 400, "iMetal.0101", new RegExp(`\\[${busy}\\]`));
  await ebb.pass(POWERS_MS);
  for (const cloud of [one, two]) assert.ok((await cloud.servers()).every((item) => item.power_state === "on"));
});

test("the request must say what to do, and to which servers", async (t) => {
  const { one } = await startCloud(t);
  const ask = (body: unknown) => one.ask("PUT", "/physicalservers/power-state", body);
  assertError(await ask({ server_id_set: [NOBODY] }), 400, "iMetal.0002", /: action$/);
  assertError(await ask({ action: "power on" }), 400, "iMetal.0002", /: server_id_set$/);
  assertError(await ask({ action: "power-on", server_id_set: [NOBODY] }), 400, "iMetal.0001", /action/);
  const many = Array.from({ length: 51 }, () => NOBODY);
  assertError(await ask({ action: "power on", server_id_set: many }), 400, "iMetal.0001", /server_id_set/);
});

test("a change of power that the world refuses shows as failed, and can be asked for again", async (t) => {
  const { ebb, one } = await startCloud(t);
  const server = await one.idle();
  t.mock.method(ebb.house.drivers.servers, "change", () => Promise.reject(refusal("no controller")), { times: 1 });
  await one.power("power off", server);
  await ebb.settle();
  const failed = await one.server(server);
  assert.deepEqual(
    [failed.power_state, failed.operation_state, failed.manage_state],
    ["on", "power-off-failed", "ready"],
  );
  await one.power("power off", server);
  await ebb.pass(POWERS_MS);
  assert.equal((await one.server(server)).operation_state, "power-off-succeed");
});

test("an installation switches its server on, and waits for that", async (t) => {
  const { ebb, one } = await startCloud(t);
  const server = await one.idle();
  await one.power("power off", server);
  const busy = await one.ask("POST", "/instances", wanted({ placement: { server_id: server } }));
  assertError(busy, 400, "iMetal.0101", new RegExp(server));
  await ebb.pass(POWERS_MS);
  const id = await one.create({ placement: { server_id: server } });
  assert.equal((await one.server(server)).operation_state, "power-on-processing");
  await ebb.pass(INSTALLS_MS);
  assert.equal((await one.server(server)).power_state, "on");
  assert.equal((await one.status(id)).state, "pending");
  await ebb.pass(POWERS_MS);
  assert.equal((await one.status(id)).state, "running");
});

test("an installation whose server stays off ends in error", async (t) => {
  const cloud = await startCloud(t);
  const { ebb, one } = cloud;
  const server = await one.idle();
  await one.power("power off", server);
  await ebb.pass(POWERS_MS);
  t.mock.method(ebb.house.drivers.servers, "change", () => Promise.reject(refusal("no controller")), { times: 1 });
  const id = await one.create({ placement: { server_id: server } });
  await ebb.pass(16 * MINUTE);
  const { state, operation_state } = await one.status(id);
  assert.deepEqual([state, operation_state], ["error", "install-failed"]);
  await one.remove(id);
  await ebb.pass(UNINSTALLS_MS);
  await assertCleanSlate(cloud);
});
