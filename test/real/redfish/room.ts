import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { createIds } from "../../../src/ids.ts";
import { ACCOUNTS, type Ebb } from "../../harness.ts";
import { ACCOUNT, type Emulator, SYSTEM, startEmulator } from "./emulator.ts";
import { type Proxy, passOn, startProxy } from "./proxy.ts";
import { type Seen, witness } from "./witness.ts";

const SN = "BMC-0001";
const ONBOARD = "2025-11-02T03:00:00Z";
export const IMAGE = "0a1b2c3d-1111-4222-8333-444455556666";

/** A machine room: one emulated machine, the house that serves its discs, and what a started disc would do. */
export interface Room {
  emulator: Emulator;
  proxy: Proxy;
  server: string;
  settings: { inventory: Record<string, unknown>; drivers: Record<string, unknown> };
  /** What the witness says. */
  see(): Promise<Seen>;
  /** The same, as the room itself reads it: quick enough to be asked again and again. */
  glance(): Promise<Seen>;
  switch(type: string): Promise<void>;
  /** Plays the wiping image: a machine that runs it switches itself off. */
  wipes: boolean;
}

export interface RoomOptions {
  wipeWithinS?: number;
  /** How long a request to the BMC may take: short where a test loses answers. */
  timeoutMs?: number;
  /** Whose server the machine is: the first account's of the tests, unless told. */
  project?: string | undefined;
}

/** The id that the inventory gives the project's server. */
function serverId(project: string): string {
  const hash = createHash("sha256").update(`${project}/${SN}/0`).digest();
  return createIds({ bytes: (count) => hash.subarray(0, count) }).uuid7(Date.parse(ONBOARD));
}

export async function startRoom(t: TestContext, options: RoomOptions = {}): Promise<Room> {
  const { wipeWithinS = 14_400, timeoutMs = 3_000, project = ACCOUNTS[0]?.projects[0]?.id ?? "" } = options;
  const emulator = await startEmulator(t);
  const proxy = await startProxy(t, emulator.url);
  const room: Room = {
    emulator,
    proxy,
    server: serverId(project),
    wipes: true,
    settings: { inventory: {}, drivers: {} },
    see: () => witness(emulator.url),
    glance: () => glance(emulator.url),
    switch: async (ResetType) => {
      const path = `/redfish/v1/Systems/${SYSTEM}/Actions/ComputerSystem.Reset`;
      await passOn(emulator.url, { method: "POST", path, body: JSON.stringify({ ResetType }) });
    },
  };
  const house = await startDiscs(t, room);
  const entry = {
    sn: SN,
    manufacturer: "Acme",
    model: "A1",
    dc: "hall-a",
    rack: "r1",
    unit: "1",
    onboard_time: ONBOARD,
  };
  room.settings = {
    inventory: { clouddc: { servers: [entry] } },
    drivers: {
      servers: "redfish",
      redfish: {
        machines: { [room.server]: { url: proxy.url, ...ACCOUNT } },
        images: { [IMAGE]: `${house}/installer.iso` },
        ready: { url: `${house}/ready` },
        wipe: { image: `${house}/wipe.iso`, within_s: wipeWithinS },
        timeout_ms: timeoutMs,
      },
    },
  };
  await room.switch("On");
  await until("the machine is on", async () => (await room.glance()).power === "On");
  return room;
}

/** Serves discs, and `/ready` as the installed system would: while the machine is on with the installer in its drive. */
async function startDiscs(t: TestContext, room: Room): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url !== "/ready") return void response.end("a disc");
    room.glance().then(
      ({ power, disc }) => response.writeHead(power === "On" && disc.includes("installer") ? 200 : 503).end(),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function glance(url: string): Promise<Seen> {
  const get = async (path: string) => {
    const answer = await passOn(url, { method: "GET", path: `/redfish/v1/Systems/${SYSTEM}${path}`, body: "" });
    return (await answer.json()) as { PowerState: string; Image: string; Boot: { BootSourceOverrideTarget: string } };
  };
  const [{ PowerState, Boot }, { Image }] = await Promise.all([get(""), get("/VirtualMedia/Cd")]);
  return { power: PowerState, disc: Image, boots: Boot.BootSourceOverrideTarget };
}

const pause = (ms: number) => new Promise((go) => setTimeout(go, ms));

/** Waits for the machine, in its own time: that is no test's to move. */
export async function until(what: string, is: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
    await pause(250);
  }
}

/** Lets Ebb's time pass beside the machine's, until it is so. */
export async function passUntil(ebb: Ebb, room: Room, what: string, is: () => Promise<boolean>): Promise<void> {
  await until(what, async () => {
    await ebb.pass(5_000);
    await play(room);
    return is();
  });
}

/** What the wiping image does once it runs. */
export async function play(room: Room): Promise<void> {
  if (!room.wipes) return;
  const seen = await room.glance().catch(() => undefined);
  if (seen?.power === "On" && seen.disc.includes("wipe.iso")) await room.switch("ForceOff");
}
