import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { emptyFolder, runEbb } from "../../test/cli-process.ts";
import { Refusal } from "../drivers/port.ts";
import { startFabric, startServing } from "../services/fabric/fabric-testing.ts";

async function start(t: TestContext) {
  const fabric = await startFabric(t, { settings: { pace: "instant" } });
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const at = ["--endpoint", fabric.url, "--operator-token", fabric.operatorToken];
  const rm = (...args: string[]) => runEbb(folder.path, ["rm", ...args, ...at]);
  return { fabric, rm, ...(await startServing(fabric)) };
}

test("a dry run prints the plan, stage by stage, and what would be released", async (t) => {
  const { rm, workspace, endpoint, instance, model, fabric } = await start(t);
  const { code, stdout } = await rm("--dry-run", workspace);
  assert.equal(
    stdout,
    `stage 1:
  fabric.instance ${instance} (chat svc, RUNNING)
stage 2:
  fabric.endpoint ${endpoint} (inf-ep, RUNNING)
  fabric.model ${model} (demo-model, ACTIVE), takes along 1 fabric.model-version
stage 3:
  fabric.workspace ${workspace} (lab-ws-01, ACTIVE)
would release:
  inference ${stdout.match(/reservation-\S+/)?.[0]}
  inference ${stdout.match(/replicas-\S+/)?.[0]}
all 4 deletes could go
`,
  );
  assert.equal(code, 0);
  assert.equal((await fabric.hands.ask("GET", "/v1/workspaces")).body.total, 1);
});

test("one thing with something inside is refused with 3 and all that is in the way", async (t) => {
  const { rm, workspace, endpoint, instance, model } = await start(t);
  const { code, stdout } = await rm(workspace);
  assert.equal(code, 3);
  for (const id of [endpoint, instance, model]) assert.match(stdout, new RegExp(id));
  assert.match(stdout, /delete these first\nnothing was changed\n$/);
  const { error } = JSON.parse((await rm(workspace, "--json")).stdout) as { error: { refusals: object[] } };
  assert.equal(error.refusals.length, 1);
  assert.equal((await rm("--dry-run", instance, "--json")).code, 0);
});

test("a cascade is followed until all is gone", async (t) => {
  const { rm, workspace, fabric } = await start(t);
  const { code, stdout } = await rm("--cascade", "--wait", workspace);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /teardown \S+ DONE: 4 of 4 gone\n$/);
  await fabric.mustBeClean();
});

test("a project is torn down by its id, and asked for again it has nothing left", async (t) => {
  const { rm, fabric } = await start(t);
  const { code, stdout } = await rm("--cascade", "--project", fabric.one.projectId, "--json", "--wait");
  assert.deepEqual([code, (JSON.parse(stdout) as { state: string }).state], [0, "DONE"]);
  const again = await rm("--dry-run", "--project", fabric.one.projectId);
  assert.match(again.stdout, /^stays: \d+ clouddc\.server\nall 0 deletes could go\n$/);
});

test("one that comes to a stand ends with 4, and says why", async (t) => {
  const { rm, workspace, instance, fabric } = await start(t);
  t.mock.method(fabric.house.drivers.inference, "unmake", async () => {
    throw new Refusal("a GPU hangs", { owner: "an operator", hint: "reset it", forGood: true });
  });
  const { code, stdout } = await rm("--cascade", "--wait", workspace);
  assert.equal(code, 4, stdout);
  const lines = stdout.split("\n");
  assert.equal(new Set(lines).size, lines.length, "nothing is said twice");
  assert.match(
    stdout,
    new RegExp(`1 failed, 3 frozen: fabric.instance ${instance} was not deleted: a GPU hangs: reset it`),
  );
});

test("what makes no sense is said in one line, and asks for nothing", async (t) => {
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const wrong = [[], ["one", "--project", "p"], ["--project", "p"], ["one", "--dry-run", "--wait"]];
  for (const args of wrong) {
    const { code, stderr } = await runEbb(folder.path, ["rm", ...args, "--endpoint", "http://127.0.0.1:9"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^ebb: [^\n]+\n$/);
  }
});

test("an unknown id ends with 1 and is named", async (t) => {
  const { rm } = await start(t);
  const { code, stderr } = await rm("--dry-run", "nobody");
  assert.equal(code, 1);
  assert.match(stderr, /^ebb: there is no resource nobody: /);
});
