import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startCloud } from "../../../src/services/clouddc/clouddc-testing.ts";
import type { Ebb } from "../../harness.ts";
import type { Trouble } from "./proxy.ts";
import { passUntil, type Room, type RoomOptions, startRoom } from "./room.ts";

const TWO_MINUTES = 120_000;

async function running(t: TestContext, options: RoomOptions = {}) {
  const room = await startRoom(t, options);
  const { ebb, one } = await startCloud(t, { settings: room.settings });
  const id = await one.create();
  const state = async () => (await one.status(id)).state;
  await passUntil(ebb, room, "it runs", async () => (await state()) === "running");
  const terminated = () => passUntil(ebb, room, "it is terminated", async () => (await state()) === "terminated");
  return { room, ebb, one, id, state, terminated };
}

const why = async (ebb: Ebb, id: string) => (await ebb.operator("GET", `/resources/${id}/why`)).body;

/** Answers the first `times` requests that fit in the BMC's place. */
function strike(room: Room, times: number, fits: RegExp, trouble: Trouble): () => number {
  let hits = 0;
  room.proxy.trouble = async (asked, response, pass) => {
    if (hits >= times || !fits.test(`${asked.method} ${asked.path}`)) return false;
    hits++;
    return trouble(asked, response, pass);
  };
  return () => hits;
}

test("a BMC that stops answering for two minutes is named by why, and the delete goes on by itself", async (t) => {
  const { room, ebb, one, id, state, terminated } = await running(t);
  room.proxy.trouble = async (_asked, response) => {
    response.destroy();
    return true;
  };
  await one.remove(id);
  await ebb.settle();
  await ebb.pass(TWO_MINUTES);
  assert.equal(await state(), "shutting-down");
  const said = await why(ebb, id);
  assert.match(JSON.stringify(said), new RegExp(`the BMC of server ${room.server} does not answer`));
  assert.match(JSON.stringify(said), /the driver's machine/);
  assert.ok(!JSON.stringify(said).includes("bmc-Passw0rd"), "no password is said");
  const leaks = (await ebb.operator("GET", "/leaks")).body;
  assert.deepEqual(
    leaks.unseen.map((unseen: { domain: string }) => unseen.domain),
    ["servers"],
    "what cannot be seen is not called clean",
  );
  room.proxy.trouble = undefined;
  await terminated();
  assert.equal((await one.server(room.server)).manage_state, "ready");
  assert.equal((await room.see()).disc, "");
});

test("sessions that run out, a busy BMC, a slow one and one that forgets its task change nothing about the end", async (t) => {
  const { room, ebb, one, id, terminated } = await running(t);
  room.proxy.expire();
  const reset = /POST .*ComputerSystem.Reset/;
  // The first switch is turned away, the second takes too long and its answer is lost, the third becomes a task
  // that nobody knows any more.
  const kinds: Trouble[] = [
    async (_asked, response) => {
      response.writeHead(503, { "retry-after": "1" }).end();
      return true;
    },
    async (_asked, _response, pass) => {
      await pass();
      return true;
    },
    async (_asked, response, pass) => {
      await pass();
      response.writeHead(202, { location: "/redfish/v1/TaskService/Tasks/7" }).end("{}");
      return true;
    },
  ];
  const hits = strike(room, kinds.length, reset, (asked, response, pass) => {
    const kind = kinds.shift();
    return kind ? kind(asked, response, pass) : Promise.resolve(false);
  });
  await one.remove(id);
  await terminated();
  assert.equal(hits(), 3, "every trouble came about");
  assert.ok(
    room.proxy.asked.some(({ path }) => path.endsWith("/Tasks/7")),
    "the task was asked for",
  );
  const logins = room.proxy.asked.filter(({ method, path }) => method === "POST" && path.endsWith("/Sessions"));
  assert.equal(logins.length, 2, "one session, and one after it had run out");
  assert.deepEqual(await ebb.house.drivers.servers.marked(), []);
});

test("a BMC that dies in the middle of a delete and comes back is gone on with", async (t) => {
  const { room, ebb, one, id, state, terminated } = await running(t);
  await one.remove(id);
  await ebb.settle();
  await room.emulator.kill();
  await ebb.pass(TWO_MINUTES);
  assert.equal(await state(), "shutting-down");
  await room.emulator.start();
  await terminated();
  assert.equal((await room.see()).disc, "");
});

test("a wipe that does not end keeps its server in use; a later delete wipes it", async (t) => {
  const { room, ebb, one, id, state, terminated } = await running(t, { wipeWithinS: 600 });
  room.wipes = false;
  await one.remove(id);
  await passUntil(ebb, room, "it wipes", async () => (await room.glance()).disc.includes("wipe.iso"));
  await passUntil(ebb, room, "it is on", async () => (await room.glance()).power === "On");
  await ebb.pass(15 * 60_000);
  assert.equal(await state(), "error");
  assert.match(JSON.stringify(await one.status(id)), /was not through after 600 s/);
  assert.equal((await one.server(room.server)).manage_state, "in-use");
  assert.match(JSON.stringify((await ebb.operator("GET", "/leaks")).body.leaks), /"abandoned".*disks-/);
  room.wipes = true;
  await one.remove(id);
  await terminated();
  assert.equal((await one.server(room.server)).manage_state, "ready");
  assert.deepEqual((await ebb.operator("GET", "/leaks")).body.leaks, []);
});
