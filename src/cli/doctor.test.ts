import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { emptyFolder, runEbb } from "../../test/cli-process.ts";

const SERVER = "019a4281-e380-777a-87d9-3e94d50ad5ae";

function doctorIn(t: TestContext, settings: object) {
  const folder = emptyFolder();
  t.after(() => folder.remove());
  writeFileSync(join(folder.path, "ebb.yaml"), JSON.stringify(settings));
  return (...args: string[]) => runEbb(folder.path, ["doctor", ...args]);
}

// Nothing listens on port 1.
const containers = { socket: "/nowhere/engine.sock" };
const machines = { [SERVER]: { url: "http://127.0.0.1:1", user: "ebb", password: "hush-hush" } };

test("a driver that nobody chose may be unfit", async (t) => {
  const { code, stdout } = await doctorIn(t, {})();
  assert.equal(code, 0);
  assert.match(stdout, /^DRIVER +CHOSEN FOR/);
  assert.match(stdout, /\nsimulated +servers, notebooks, databases, inference +works/);
  assert.match(stdout, /\nredfish +- +does not work +machines +none: name their BMCs in drivers\.redfish\.machines/);
});

test("a chosen driver that cannot work makes the exit code 1, and says what to do without a password", async (t) => {
  const run = doctorIn(t, { drivers: { servers: "redfish", redfish: { machines }, containers } });
  const { code, stdout, stderr } = await run();
  assert.equal(code, 1);
  assert.match(
    stdout,
    /redfish +servers +does not work +server \S+ +the BMC of server \S+ does not answer \(ECONNREFUSED\): /,
  );
  assert.ok(!`${stdout}${stderr}`.includes("hush-hush"));
  const { drivers } = JSON.parse((await run("--json")).stdout) as { drivers: { driver: string; works: boolean }[] };
  assert.deepEqual(
    drivers.map(({ driver, works }) => [driver, works]),
    [
      ["simulated", true],
      ["containers", false],
      ["redfish", false],
    ],
  );
});

test("an engine that does not answer is named, with what to do, when containers are chosen", async (t) => {
  const { code, stdout } = await doctorIn(t, { drivers: { notebooks: "containers", containers } })();
  assert.equal(code, 1);
  assert.match(
    stdout,
    /containers +notebooks +does not work +engine at \/nowhere\/engine\.sock +the container engine does not answer .*docker\.io/,
  );
});

test("a wrong setting is named, and ends it", async (t) => {
  const { code, stderr } = await doctorIn(t, { drivers: { redfish: { grace_s: 0 } } })();
  assert.equal(code, 1);
  assert.match(stderr, /^ebb: setting drivers\.redfish\.grace_s /);
});
