import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startKernel } from "../../../test/kernel.ts";
import type { Refusal } from "../port.ts";
import { stamp } from "../stamp-testing.ts";
import { redfishServers } from "./index.ts";

const system = { server: "server-1", image: "image-1", addresses: ["10.0.0.4"], hostname: "web" };

/** Nothing listens on port 1: what is tested here comes before the BMC, or without it. */
async function start(t: TestContext, images: object = {}) {
  const { store, clock } = await startKernel(t);
  const machines = { "server-1": { url: "http://127.0.0.1:1", user: "ebb", password: "hush-hush" } };
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
