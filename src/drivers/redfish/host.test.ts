import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startKernel } from "../../../test/kernel.ts";
import type { Refusal } from "../port.ts";
import { stamp } from "../stamp-testing.ts";
import { door, withSessions } from "./door-testing.ts";
import { redfishServers } from "./index.ts";
import { type Note, Notes } from "./notes.ts";

const system = { server: "server-1", image: "image-1", addresses: ["10.0.0.4"], hostname: "web" };

/** Nothing listens on port 1: what is tested here comes before the BMC, or without it. */
async function start(t: TestContext, images: object = {}, url = "http://127.0.0.1:1") {
  const { store, clock } = await startKernel(t);
  const machines = { "server-1": { url, user: "ebb", password: "hush-hush" } };
  const { host, close } = redfishServers({ store, clock }, { redfish: { machines, images } });
  t.after(close);
  return host;
}

const saying = (text: RegExp, forGood: boolean) => (error: Refusal) =>
  text.test(error.message) && error.forGood === forGood;

test("a late call is turned away before its machine is asked", async (t) => {
  const host = await start(t, { "*": "http://images.test/a.iso" });
  await assert.rejects(host.make("os", "os-1", system, stamp(2)), saying(/does not answer/, false));
  await assert.rejects(host.make("os", "os-1", system, stamp(1)), saying(/higher fence/, false));
});

test("what was begun is known, and pushed on, though its machine has not answered yet", async (t) => {
  const host = await start(t, { "*": "http://images.test/a.iso" });
  await assert.rejects(host.make("os", "os-1", system, stamp(1)));
  assert.deepEqual(await host.look("os", "os-1"), { is: "making", again: 5_000, pushed: true });
});

test("what nobody can do is refused for good, and says what to set", async (t) => {
  const host = await start(t);
  await assert.rejects(
    host.make("os", "os-1", system, stamp(1)),
    saying(/where the installer of image image-1 is/, true),
  );
  await assert.rejects(
    host.make("disks", "disks-1", { server: "server-2" }, stamp(1)),
    saying(/which BMC server server-2 has/, true),
  );
  await assert.rejects(
    host.change("os", "os-1", { addresses: ["10.0.0.5"] }, stamp(1)),
    saying(/addresses of an installed system/, true),
  );
  assert.equal((await host.look("machine", "server-2")).is, "broken");
});

test("disks count as written from before an installation, and are on the list until they are wiped", async (t) => {
  const host = await start(t);
  await host.make("disks", "disks-1", { server: "server-1" }, stamp(1));
  assert.deepEqual(await host.look("disks", "disks-1"), { is: "ready", facts: { addresses: [] } });
  await assert.rejects(host.unmake("disks", "disks-1", stamp(2)), saying(/does not answer/, false));
  assert.equal((await host.look("disks", "disks-1")).is, "ready");
  assert.deepEqual(await host.look("disks", "disks-2"), { is: "absent" });
});

/** A machine that is on, with a disc of os-1 in its drive that can be taken out. */
function machineWithDisc() {
  const drive = { "@odata.id": "/drive", Inserted: true, Image: "http://images.test/a.iso?ebb=os-1" };
  const target = "/drive/eject";
  const there: Record<string, object> = {
    "/redfish/v1/Systems": { Members: [{ "@odata.id": "/system" }] },
    "/system": { PowerState: "On", VirtualMedia: { "@odata.id": "/media" } },
    "/media": { Members: [{ "@odata.id": "/drive" }] },
    "/drive": { ...drive, MediaTypes: ["CD"], Actions: { "#VirtualMedia.EjectMedia": { target } } },
  };
  return withSessions((request, response) => {
    if (request.url === target) there["/drive"] = { ...there["/drive"], Inserted: false };
    response.end(JSON.stringify(there[request.url ?? ""] ?? {}));
  });
}

test("what a skipped delete has left on a server does not cost the next system its disks or its power", async (t) => {
  const { asked, url } = await door(t, machineWithDisc());
  const host = await start(t, { "*": "http://images.test/a.iso" }, url);
  for (const n of [1, 2]) {
    await host.make("disks", `disks-${n}`, { server: "server-1" }, stamp(n));
    await assert.rejects(host.make("os", `os-${n}`, system, stamp(n)));
  }
  await assert.rejects(host.unmake("disks", "disks-1", stamp(3)), saying(/would wipe disks-2 as well/, false));
  await host.unmake("os", "os-1", stamp(4));
  await host.unmake("os", "os-1", stamp(4));
  assert.deepEqual(await host.look("os", "os-1"), { is: "absent" });
  const changes = asked.filter((one) => !one.startsWith("GET") && !one.includes("/Sessions"));
  assert.deepEqual(changes, ["POST /drive/eject"], "the machine was not switched");
});

test("a wipe takes along what earlier systems have left on the disks", async (t) => {
  const { store, clock } = await startKernel(t);
  const notes = new Notes(store, clock);
  const disks: Note = {
    type: "disks",
    server: "server-1",
    phase: "there",
    way: "install",
    stage: 0,
    since: clock.now(),
    operationId: "o",
  };
  for (const n of [1, 2, 3]) await notes.write(`disks-${n}`, disks);
  await notes.write("disks-other", { ...disks, server: "server-2" });
  assert.equal(await notes.successor("disks-3"), undefined);
  await notes.write("disks-2", { ...disks, phase: "gone" });
  const phases = Object.fromEntries((await notes.list()).map(({ ref, note }) => [ref, note.phase]));
  assert.deepEqual(phases, { "disks-1": "gone", "disks-2": "gone", "disks-3": "there", "disks-other": "there" });
});
