import assert from "node:assert/strict";
import { test } from "node:test";
import { IMAGE } from "../engine.ts";
import { startNotebook } from "./notebooks.ts";
import { assertNothingLeft, docker, names, volumes, whySays } from "./rig.ts";

test("a container that was removed behind Ebb's back is no hindrance to a stop and a delete", async (t) => {
  const { real, notebooks, id } = await startNotebook(t);
  const [name = ""] = await names();
  await docker.getContainer(name).remove({ force: true });
  await notebooks.stop(id);
  await notebooks.end(id);
  await assertNothingLeft(real);
});

test("a volume that somebody else uses keeps the delete, which says by whom and ends when it is let go", async (t) => {
  const { real, notebooks, id } = await startNotebook(t);
  await notebooks.stop(id);
  const [volume = ""] = await volumes();
  const HostConfig = { NetworkMode: "none", Mounts: [{ Type: "volume", Source: volume, Target: "/mnt" } as const] };
  const user = await docker.createContainer({ name: "stranger", Image: IMAGE, Cmd: ["sleep", "600"], HostConfig });
  await notebooks.remove(id);
  const why = await whySays(real, id, /is in use by stranger/);
  assert.match(why, /docker rm -f stranger/);
  assert.deepEqual(await volumes(), [volume]);
  await user.remove({ force: true });
  await notebooks.gone(id);
  await assertNothingLeft(real);
});
