import assert from "node:assert/strict";
import { test } from "node:test";
import { wanted } from "../../../src/services/clouddc/clouddc-testing.ts";
import { LOCAL_PROJECT_ID } from "../../../src/settings/local-account.ts";
import { type House, startHouse } from "./house.ts";
import type { Asked } from "./proxy.ts";
import { type Room, startRoom, until } from "./room.ts";
import { mediaSeen } from "./witness.ts";

/** A request that changes the machine, in a word or two; undefined for any other. */
function changeOf({ method, path, body }: Asked): string | undefined {
  if (method === "GET" || path.includes("/Sessions")) return undefined;
  const said = JSON.parse(body || "{}") as { ResetType?: string; Image?: string; Boot?: Record<string, string> };
  if (said.Image !== undefined) return `insert ${new URL(said.Image).pathname.slice(1)}`;
  return said.ResetType ?? (said.Boot ? `boot ${said.Boot.BootSourceOverrideTarget}` : path.split(".").at(-1));
}

/**
 * Kills Ebb once at each request that changes the machine: at the first of its sort when the BMC has had it and its answer is
 * lost, at a later one before the BMC has it. Answers what the BMC has had, in order.
 */
function killAtEach(room: Room, house: House): { had: string[]; kills: string[] } {
  const had: string[] = [];
  const kills: string[] = [];
  let last: string | undefined;
  let dying = false;
  const powers: Record<string, string> = { GracefulShutdown: "Off", On: "On" };
  room.proxy.trouble = async (asked, response, pass) => {
    const change = changeOf(asked);
    if (change === undefined) return false;
    // What an Ebb that is being killed still asks for comes too late.
    if (dying) return true;
    if (change === last) {
      had.push(change);
      return false;
    }
    dying = true;
    last = change;
    const reaches = !kills.includes(change);
    kills.push(change);
    if (reaches) {
      had.push(change);
      await pass();
    }
    // The next life finds the machine where the request has brought it.
    const power = reaches ? powers[change] : undefined;
    await house.kill(async () => {
      if (power !== undefined) await until(change, async () => (await room.glance()).power === power);
      dying = false;
    });
    response.destroy();
    return true;
  };
  return { had, kills };
}

const INSTALL = ["GracefulShutdown", "insert installer.iso", "boot Cd", "On"];
const REBOOT = ["GracefulShutdown", "On"];
const UNINSTALL = ["GracefulShutdown", "EjectMedia", "boot Hdd"];
const WIPE = ["insert wipe.iso", "boot Cd", "On", "EjectMedia", "boot Hdd", "On"];

test("killed at every request that changes a machine, Ebb asks for each once, and nothing is left of what it did", async (t) => {
  const room = await startRoom(t, { project: LOCAL_PROJECT_ID, timeoutMs: 20_000 });
  const house = await startHouse(t, room);
  const { had, kills } = killAtEach(room, house);
  const state = async () => (await house.cloud("GET", `/instances/${id}/status`)).body.state;
  const server = async () => (await house.cloud("GET", `/physicalservers/${room.server}`)).body;

  const { body } = await house.cloud("POST", "/instances", wanted());
  const id: string = body.instance_id;
  await house.passUntil("it runs", async () => (await state()) === "running");
  assert.deepEqual(had.splice(0), INSTALL);

  await house.cloud("PUT", "/physicalservers/power-state", { action: "rebooting", server_id_set: [room.server] });
  await house.passUntil("it is restarted", async () => (await server()).operation_state === "reboot-succeed");
  assert.deepEqual(had.splice(0), REBOOT);

  assert.equal((await house.cloud("DELETE", `/instances/${id}`)).status, 204);
  await house.passUntil("it is terminated", async () => (await state()) === "terminated");
  assert.deepEqual(had, [...UNINSTALL, ...WIPE]);
  assert.deepEqual(kills, [...INSTALL, ...REBOOT, ...UNINSTALL, ...WIPE]);

  const { power, boots } = await room.see();
  assert.deepEqual(
    { power, boots, media: await mediaSeen(room.emulator.url) },
    { power: "On", boots: "Hdd", media: [] },
  );
  assert.equal((await server()).manage_state, "ready");
  assert.deepEqual(await house.peek("SELECT ref FROM holdings WHERE released_at IS NULL"), []);
  const { leaks, unseen } = (await house.operator("GET", "/leaks")).body;
  assert.deepEqual({ leaks, unseen }, { leaks: [], unseen: [] });
  assert.equal((await house.operator("POST", "/reset")).status, 204, "nothing real bears the mark");
});
