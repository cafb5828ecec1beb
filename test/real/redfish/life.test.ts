import assert from "node:assert/strict";
import { test } from "node:test";
import { startCloud } from "../../../src/services/clouddc/clouddc-testing.ts";
import { passUntil, startRoom } from "./room.ts";

test("a system is put on a real machine, switched, taken off and wiped, and its server is ready again", async (t) => {
  const room = await startRoom(t);
  const { ebb, one } = await startCloud(t, { settings: room.settings });
  const { server } = room;
  const id = await one.create();
  await passUntil(ebb, room, "it runs", async () => (await one.status(id)).state === "running");
  const running = await room.see();
  assert.equal(running.power, "On");
  assert.match(running.disc, new RegExp(`installer\\.iso\\?ebb=os-${id}-`));

  const { body: hardware } = await one.ask("GET", `/physicalservers/${server}/hardware-attributes`);
  assert.deepEqual(hardware.storage_controllers[0].drives, ["D1"], "as the machine says it");
  assert.deepEqual(hardware.summary, { sn: "437XR1138R2", manufacturer: "Sushy Emulator", model: "3500RX" });
  assert.deepEqual(hardware.fans[0].status, { health: "OK", state: "Enabled" }, "as its chassis says it");

  for (const [action, power, state] of [
    ["power off", "Off", "stopped"],
    ["power on", "On", "running"],
    ["rebooting", "On", "running"],
  ] as const) {
    assert.equal((await one.power(action, server)).status, 200);
    const settled = async () => !(await one.server(server)).operation_state?.endsWith("processing");
    await passUntil(ebb, room, action, settled);
    assert.match((await one.server(server)).operation_state ?? "", /succeed$/);
    assert.deepEqual([(await room.see()).power, (await one.status(id)).state], [power, state], action);
  }

  await one.remove(id);
  await passUntil(ebb, room, "it is terminated", async () => (await one.status(id)).state === "terminated");
  assert.equal((await one.server(server)).manage_state, "ready");
  const after = await room.see();
  assert.deepEqual({ power: after.power, disc: after.disc }, { power: "On", disc: "" });
  assert.notEqual(after.boots, "Cd");
  assert.deepEqual(await ebb.house.drivers.servers.marked(), []);
  const { body } = await ebb.operator("GET", "/leaks");
  assert.deepEqual({ leaks: body.leaks, unseen: body.unseen }, { leaks: [], unseen: [] });
});
