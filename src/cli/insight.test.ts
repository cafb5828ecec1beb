import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CliProcess, emptyFolder, runEbb } from "../../test/cli-process.ts";
import { type Ebb, startEbb } from "../../test/harness.ts";
import { Refusal } from "../drivers/port.ts";

const EBB = fileURLToPath(new URL("../../bin/ebb.js", import.meta.url));
const A_WHILE = 2 * 3_600_000;

async function start(t: TestContext) {
  const ebb = await startEbb(t);
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const where = ["--endpoint", ebb.url, "--operator-token", ebb.operatorToken];
  const run = (...args: string[]) => runEbb(folder.path, [...args, ...where]);
  return { ebb, run, folder, where };
}

async function makeEndpoint(ebb: Ebb) {
  const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: "insight" });
  const path = `/v1/workspaces/${body.id}/endpoints`;
  const made = await ebb.one.ask("POST", path, {
    name: "ep",
    type: "inference",
    reserved_resource: { mu: { spec_code: "mu.x", min: 1, max: 1 } },
  });
  await ebb.pass(A_WHILE);
  return { id: made.body.id as string, path: `${path}/${made.body.id}` };
}

test("what runs is listed, and an operation shown step by step", async (t) => {
  const { ebb, run } = await start(t);
  const { id, path } = await makeEndpoint(ebb);
  await ebb.one.ask("DELETE", path);
  await ebb.settle();
  const { stdout } = await run("ops", "--kind", "fabric.endpoint", "--state", "running", "--younger-than", "1h");
  assert.match(stdout, /^ACCEPTED +OPERATION +KIND +VERB +STATE +STEPS +STEP +TRIES +RESOURCE\n/);
  assert.match(stdout, new RegExp(`fabric.endpoint +delete +running +1/2 +\\S+ +1 +${id}\n$`));
  const { operations } = JSON.parse((await run("ops", "--resource", id, "--json")).stdout) as {
    operations: { id: string; verb: string }[];
  };
  assert.deepEqual(
    operations.map((one) => one.verb),
    ["delete", "create"],
  );
  const one = await run("op", operations[0]?.id ?? "");
  assert.match(one.stdout, new RegExp(`^delete of fabric.endpoint ${id}: running, accepted 2026-`));
  assert.match(one.stdout, /runs-gone +done +1 [^]* current +1 .* is unmaking\n$/);
  const paged = await run("ops", "--limit", "1");
  assert.match(paged.stdout, /there are more: --cursor \d+~/);
  assert.equal((await run("ops", "--verb", "nothing")).stdout, "no operation\n");
});

test("why is answered in words, with the command that makes it go on", async (t) => {
  const { ebb, run } = await start(t);
  const { id, path } = await makeEndpoint(ebb);
  const healthy = await run("why", id);
  assert.match(healthy.stdout, new RegExp(`^nothing is wrong: fabric.endpoint ${id} is RUNNING since `));
  t.mock.method(ebb.house.drivers.inference, "unmake", () =>
    Promise.reject(new Refusal("the rack is locked", { owner: "an operator", hint: "unlock it", forGood: true })),
  );
  await ebb.one.ask("DELETE", path);
  await ebb.settle();
  const { stdout } = await run("why", id);
  assert.match(stdout, /has stopped for good in step \S+: the rack is locked\n/);
  assert.match(stdout, /\n {2}next move: an operator\n/);
  assert.match(stdout, new RegExp(`\n {2}command: {3}ebb rm ${id}\n`));
  const unknown = await run("why", "nothing");
  assert.deepEqual([unknown.code, unknown.stdout], [1, ""]);
  assert.match(unknown.stderr, /^ebb: there is no resource or operation nothing: /);
});

test("events are shown a line each, and followed as they happen", async (t) => {
  const { ebb, run, folder, where } = await start(t);
  const { id } = await makeEndpoint(ebb);
  const { stdout } = await run("events", "--resource", id, "--limit", "2");
  assert.match(stdout, /^\d+ {2}2026-\S+ {2}\S+ {2}\S+.*\n\d+ {2}.*\n$/);
  const lines = (await run("events", "--after", "0", "--json", "--type", "created")).stdout.trimEnd().split("\n");
  assert.ok(lines.every((line) => (JSON.parse(line) as { type: string }).type === "created"));

  const following = new CliProcess(
    [EBB, "events", "--follow", "--type", "created", "--limit", "1", ...where],
    folder.path,
    {},
  );
  assert.match((await following.nextLine()) ?? "", /created/);
  const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: "followed" });
  assert.match((await following.nextLine()) ?? "", new RegExp(`${body.id} {2}created {2}state=CREATING$`));
  following.kill("SIGTERM");
  await following.ended;
});

test("what a filter does not know is told, and nothing is shown", async (t) => {
  const { run } = await start(t);
  for (const args of [
    ["ops", "--state", "asleep"],
    ["ops", "--older-than", "soon"],
    ["events", "--type", "party"],
    ["op", "nothing"],
  ]) {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stdout], [1, ""], args.join(" "));
    assert.match(stderr, /^ebb: \S.*\n$/);
  }
});
