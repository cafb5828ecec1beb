import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose } from "../../../src/drivers/diagnosis.ts";
import { ACCOUNT, startEmulator } from "./emulator.ts";

test("the doctor tries the account, the trust and the wipe of each BMC", async (t) => {
  const { url, ca } = await startEmulator(t, { tls: true });
  const tried = async (machine: object, wipe: object = { image: "http://127.0.0.1:1/wipe.iso" }) => {
    const machines = { one: { url, ...ACCOUNT, ...machine } };
    const images = { "*": "http://127.0.0.1:1/installer.iso" };
    const all = await diagnose({ servers: "redfish", redfish: { machines, images, wipe } });
    const redfish = all.find(({ driver }) => driver === "redfish");
    const [, machine1] = redfish?.findings ?? [];
    assert.equal(redfish?.works, machine1?.works);
    return machine1;
  };
  const works = { what: "server one", works: true, says: "power Off, discs in Cd, wiped by an image" };
  assert.deepEqual(await tried({ ca }), works);
  assert.deepEqual(await tried({ insecure: true }), works);
  assert.match((await tried({}))?.says ?? "", /does not answer \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
  assert.match((await tried({ ca, password: "another" }))?.says ?? "", /does not take its account/);
  const unwiped = await tried({ ca }, {});
  assert.match(unwiped?.says ?? "", /cannot be wiped/);
  assert.match(unwiped?.todo ?? "", /drivers\.redfish\.wipe\.image/);
});
