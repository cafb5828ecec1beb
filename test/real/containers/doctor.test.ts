import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnose } from "../../../src/drivers/diagnosis.ts";
import { IMAGE, IS_PODMAN } from "../engine.ts";
import { driversIn, folderOf } from "./rig.ts";

test("the doctor names the engine and its version, and finds the network and the images", async (t) => {
  const all = await diagnose(driversIn(folderOf(t, "doctor")));
  const containers = all.find(({ driver }) => driver === "containers");
  assert.equal(containers?.works, true, JSON.stringify(containers));
  assert.match(containers.findings[0]?.says ?? "", IS_PODMAN ? /^Podman \d+\.\d+/ : /^Docker \d+\.\d+/);
  assert.ok(containers.findings.some((one) => one.says === `${IMAGE}, there`));
});
