import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { EVS } from "../../notebooks.ts";
import { ENGINE_FOLDER } from "../engine.ts";
import { run } from "../run-command.ts";
import { databasesOf } from "./databases.ts";
import { notebooksOf } from "./notebooks.ts";
import { assertNothingLeft, startReal, whySays } from "./rig.ts";

/** A small file system in a folder of the engine's, full after so many files or bytes. */
async function smallDisk(t: TestContext, name: string, limits: string) {
  const folder = join(ENGINE_FOLDER, "data", name);
  await run("mount", ["-t", "tmpfs", "-o", limits, "ebb-test", folder]);
  t.after(() => run("umount", [folder]));
  return { resize: (to: string) => run("mount", ["-o", `remount,${to}`, folder]) };
}

/** The folder itself is the first. */
const FULL = "nr_inodes=1";
const ROOM = "nr_inodes=10000";

test("no room for a volume, then none for a container: why says so, and the creation goes on when there is", async (t) => {
  const real = await startReal(t);
  const volumes = await smallDisk(t, "volumes", FULL);
  const containers = await smallDisk(t, "containers", FULL);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(EVS);
  const why = await whySays(real, id, /disk of the container engine is full: [^"]*volumes/);
  assert.match(why, /make room on it/);
  await volumes.resize(ROOM);
  await whySays(real, id, /disk of the container engine is full: [^"]*containers/);
  await containers.resize(ROOM);
  await notebooks.running(id);
  await notebooks.stop(id);
  await notebooks.end(id);
  await assertNothingLeft(real);
});

test("a database that finds no room for its tables fails and says so; a delete takes away what it had", async (t) => {
  const real = await startReal(t);
  await smallDisk(t, "volumes", "size=1m");
  const databases = databasesOf(real.ebb.one);
  const id = await databases.create();
  const why = await whySays(real, id, /its disk is full/);
  assert.match(why, /make room where the container engine keeps its volumes/);
  await databases.removeInstance(id);
  await databases.gone(id);
  await assertNothingLeft(real);
});
