import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { LOCAL_PROJECT_ID } from "../../../src/settings/local-account.ts";
import { type EbbProcess, peek, startProcess } from "../../kill/process.ts";
import { EVS } from "../../notebooks.ts";
import { freshStore } from "../../store.ts";
import { until } from "../until.ts";
import { notebooksOf } from "./notebooks.ts";
import { assertWorldEmpty, clearAfter, driversIn, names, volumes } from "./rig.ts";

type Seen = () => Promise<true | undefined>;

/** What a create can be seen at from outside, one after the other. */
const CREATING: Record<string, Seen> = {
  "it was accepted": async () => true,
  "its volume is there": async () => ((await volumes()).length > 0 ? true : undefined),
  "its container is there": async () => ((await names()).length > 0 ? true : undefined),
};
const DELETING: Record<string, Seen> = {
  "it was accepted": async () => true,
  "its volume is gone": async () => ((await volumes()).length === 0 ? true : undefined),
};

const callerOf = (ebb: EbbProcess) => notebooksOf({ ask: ebb.ask, projectId: LOCAL_PROJECT_ID });

/** A store and a way to start a process on it: each start is the next life of the same Ebb. */
async function house(t: TestContext) {
  const { dataDir, store, remove } = await freshStore({ discard: true });
  writeFileSync(join(dataDir, "ebb.yaml"), stringify({ drivers: driversIn(join(dataDir, "buckets")) }));
  let ebb: EbbProcess | undefined;
  t.after(async () => {
    await ebb?.kill();
    await remove();
  });
  clearAfter(t);
  const start = async () => {
    await ebb?.kill();
    ebb = await startProcess(dataDir, store);
    return callerOf(ebb);
  };
  const held = () => peek<{ ref: string }>(store, "SELECT ref FROM holdings WHERE released_at IS NULL");
  return { start, held };
}

for (const [when, seen] of Object.entries(CREATING))
  test(`killed in a create when ${when}: the next Ebb finishes it, and a delete leaves nothing`, async (t) => {
    const { start, held } = await house(t);
    const id = await (await start()).create(EVS);
    await until(when, seen);
    const notebooks = await start();
    assert.equal((await fetch(await notebooks.running(id))).status, 200);
    assert.equal((await names()).length, 1, "one container, not two");
    await notebooks.act(id, "stop");
    await notebooks.stopped(id);
    await notebooks.remove(id);
    await notebooks.gone(id);
    assert.deepEqual(await held(), []);
    await assertWorldEmpty();
  });

for (const [when, seen] of Object.entries(DELETING))
  test(`killed in a stop, and in the delete when ${when}: the next Ebb finishes it`, async (t) => {
    const { start, held } = await house(t);
    let notebooks = await start();
    const id = await notebooks.create(EVS);
    await notebooks.running(id);
    await notebooks.act(id, "stop");
    notebooks = await start();
    await notebooks.stopped(id);
    await notebooks.remove(id);
    await until(when, seen);
    notebooks = await start();
    await notebooks.gone(id);
    assert.deepEqual(await held(), []);
    await assertWorldEmpty();
  });
