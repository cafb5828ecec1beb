import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OBS } from "../../notebooks.ts";
import { inside, readFile, startNotebook, writeFile } from "./notebooks.ts";
import { assertNothingLeft, docker, names, volumes } from "./rig.ts";

test("a notebook is a server that its URL opens; a file on its volume outlives a stop and dies with it", async (t) => {
  const { real, notebooks, id, url } = await startNotebook(t);
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

  await notebooks.stop(id);
  assert.deepEqual(await names(), []);
  assert.equal((await volumes()).length, 1);
  await notebooks.act(id, "start");
  assert.equal(await readFile(await notebooks.running(id), "kept.txt"), "still here");

  await notebooks.stop(id);
  await notebooks.end(id);
  await assertNothingLeft(real);
});

test("a folder of object storage stays when its notebook goes", async (t) => {
  const { real, notebooks, id, url } = await startNotebook(t, OBS);
  await writeFile(url, "result.txt", "42");
  await notebooks.stop(id);
  await notebooks.end(id);
  await assertNothingLeft(real);
  const file = join(real.buckets, real.ebb.one.projectId, OBS.location.path, "result.txt");
  assert.ok(existsSync(file));
  assert.equal(readFileSync(file, "utf8"), "42");
});
