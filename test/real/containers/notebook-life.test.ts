import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EVS, OBS } from "../../notebooks.ts";
import { inside, notebooksOf, readFile, writeFile } from "./notebooks.ts";
import { assertNothingLeft, docker, names, startReal, volumes } from "./rig.ts";

test("a notebook is a server that its URL opens; a file on its volume outlives a stop and dies with it", async (t) => {
  const real = await startReal(t);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(EVS);
  const url = await notebooks.running(id);
  assert.equal((await fetch(url)).status, 200);
  const bare = inside(url, "api/contents");
  bare.search = "";
  assert.equal((await fetch(bare)).status, 403, "without the token it stays shut");
  await writeFile(url, "kept.txt", "still here");

  const [name = ""] = await names();
  const { HostConfig, Config } = await docker.getContainer(name).inspect();
  assert.equal(HostConfig.Memory, 512 * 2 ** 20);
  assert.equal(HostConfig.NanoCpus, 1e9);
  assert.equal(Config.Labels["ebb.resource"], id);

  await notebooks.act(id, "stop");
  await notebooks.stopped(id);
  assert.deepEqual(await names(), []);
  assert.equal((await volumes()).length, 1);
  await notebooks.act(id, "start");
  assert.equal(await readFile(await notebooks.running(id), "kept.txt"), "still here");

  await notebooks.act(id, "stop");
  await notebooks.stopped(id);
  await notebooks.remove(id);
  await notebooks.gone(id);
  await assertNothingLeft(real);
});

test("a folder of object storage stays when its notebook goes", async (t) => {
  const real = await startReal(t);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(OBS);
  await writeFile(await notebooks.running(id), "result.txt", "42");
  await notebooks.act(id, "stop");
  await notebooks.stopped(id);
  await notebooks.remove(id);
  await notebooks.gone(id);
  await assertNothingLeft(real);
  const file = join(real.buckets, real.ebb.one.projectId, OBS.location.path, "result.txt");
  assert.ok(existsSync(file));
  assert.equal(readFileSync(file, "utf8"), "42");
});
