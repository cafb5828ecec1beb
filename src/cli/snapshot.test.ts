import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyFolder, runEbb } from "../../test/cli-process.ts";
import { startEbb } from "../../test/harness.ts";

test("the state is kept, emptied and put back from the command line", async (t) => {
  const ebb = await startEbb(t);
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const run = (...args: string[]) =>
    runEbb(folder.path, [...args, "--endpoint", ebb.url, "--operator-token", ebb.operatorToken]);
  await ebb.one.ask("POST", "/v1/workspaces", { name: "kept" });
  const count = async () => (await ebb.one.ask("GET", "/v1/workspaces")).body.workspaces.length as number;

  assert.match((await run("snapshot", "save", "base")).stdout, /^snapshot base: \d+ rows, \d+ bytes\n$/);
  assert.equal((await run("reset")).stdout, "the cloud is empty\n");
  assert.equal(await count(), 0);
  assert.match((await run("snapshot", "load", "base")).stdout, /snapshot base/);
  assert.equal(await count(), 1);
  assert.match((await run("snapshot", "list")).stdout, /^NAME +BYTES +SAVED\nbase +\d+ /);
  const { snapshots } = JSON.parse((await run("snapshot", "list", "--json")).stdout) as { snapshots: object[] };
  assert.equal(snapshots.length, 1);
});

test("an unknown snapshot ends the command with what to do", async (t) => {
  const ebb = await startEbb(t);
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const args = ["snapshot", "load", "none", "--endpoint", ebb.url, "--operator-token", ebb.operatorToken];
  const { code, stderr } = await runEbb(folder.path, args);
  assert.equal(code, 1);
  assert.equal(stderr, "ebb: there is no snapshot none: ebb snapshot list shows what there is\n");
});

test("the operator's token is the one that follows from the data folder, unless it is given", async (t) => {
  const ebb = await startEbb(t);
  const folder = emptyFolder();
  t.after(() => folder.remove());
  const dataDir = ["--data-dir", ebb.settings.dataDir];
  assert.equal((await runEbb(folder.path, ["token", "--operator", ...dataDir])).stdout, `${ebb.operatorToken}\n`);
  const other = await runEbb(folder.path, ["snapshot", "list", "--endpoint", ebb.url]);
  assert.equal(other.code, 1);
  assert.match(other.stderr, /no Ebb has run in .*--operator-token/);
});
