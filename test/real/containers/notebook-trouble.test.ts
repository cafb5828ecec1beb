import assert from "node:assert/strict";
import { test } from "node:test";
import { EVS } from "../../notebooks.ts";
import { ENGINE_FOLDER, endEngine, IMAGE, startEngine } from "../engine.ts";
import { until } from "../until.ts";
import { notebooksOf } from "./notebooks.ts";
import { assertNothingLeft, docker, names, startReal, volumes } from "./rig.ts";

test("a container that was removed behind Ebb's back is no hindrance to a stop and a delete", async (t) => {
  const real = await startReal(t);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(EVS);
  await notebooks.running(id);
  const [name = ""] = await names();
  await docker.getContainer(name).remove({ force: true });
  await notebooks.act(id, "stop");
  await notebooks.stopped(id);
  await notebooks.remove(id);
  await notebooks.gone(id);
  await assertNothingLeft(real);
});

test("a volume that somebody else uses keeps the delete, which says by whom and ends when it is let go", async (t) => {
  const real = await startReal(t);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(EVS);
  await notebooks.running(id);
  await notebooks.act(id, "stop");
  await notebooks.stopped(id);
  const [volume = ""] = await volumes();
  const HostConfig = { NetworkMode: "none", Mounts: [{ Type: "volume", Source: volume, Target: "/mnt" } as const] };
  const user = await docker.createContainer({ name: "stranger", Image: IMAGE, Cmd: ["sleep", "600"], HostConfig });
  await notebooks.remove(id);
  const why = await until("why names the user", async () => {
    const { text } = await real.ebb.operator("GET", `/resources/${id}/why`);
    return text.includes("stranger") ? text : undefined;
  });
  assert.match(why, /is in use by stranger/);
  assert.match(why, /docker rm -f stranger/);
  assert.deepEqual(await volumes(), [volume]);
  await user.remove({ force: true });
  await notebooks.gone(id);
  await assertNothingLeft(real);
});

test("an engine that is killed in the middle of a delete and comes back finishes it", async (t) => {
  const real = await startReal(t);
  const notebooks = notebooksOf(real.ebb.one);
  const id = await notebooks.create(EVS);
  await notebooks.running(id);
  await endEngine(ENGINE_FOLDER, "SIGKILL");
  await notebooks.act(id, "stop");
  const why = await until("why names the engine", async () => {
    const { text } = await real.ebb.operator("GET", `/resources/${id}/why`);
    return text.includes("does not answer") ? text : undefined;
  });
  assert.match(why, /container engine does not answer/);
  await startEngine(ENGINE_FOLDER);
  await notebooks.stopped(id);
  await notebooks.remove(id);
  await endEngine(ENGINE_FOLDER, "SIGKILL");
  await startEngine(ENGINE_FOLDER);
  await notebooks.gone(id);
  await assertNothingLeft(real);
});
