import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { stringify } from "yaml";
import { LOCAL_PROJECT_ID } from "../../../src/settings/local-account.ts";
import { type EbbProcess, peek, startProcess } from "../../kill/process.ts";
import { freshStore } from "../../store.ts";
import { ENGINE_FOLDER, socketOf } from "../engine.ts";
import { lineTo } from "./line.ts";
import { assertWorldEmpty, clearAfter, driversIn } from "./rig.ts";

/** What is done to the world, as the engine is asked for it. */
const CALLS = {
  makeVolume: /^POST \/volumes\/create/,
  make: /^POST \/containers\/create/,
  start: /^POST \/containers\/\w+\/start/,
  run: /^POST \/exec\/\w+\/start/,
  signal: /^POST \/containers\/\w+\/kill/,
  stop: /^POST \/containers\/\w+\/stop/,
  remove: /^DELETE \/containers\//,
  removeVolume: /^DELETE \/volumes\//,
};

type Call = keyof typeof CALLS;

/** A store, and one process after the other on it: each is the next life of the same Ebb. */
export async function houseOf(t: TestContext, more: object = {}) {
  const line = await lineTo(t, socketOf(ENGINE_FOLDER));
  const { dataDir, store, remove } = await freshStore({ discard: true });
  const drivers = driversIn(join(dataDir, "buckets"), { socket: line.socket, ...more });
  writeFileSync(join(dataDir, "ebb.yaml"), stringify({ drivers }));
  let ebb: EbbProcess = await startProcess(dataDir, store);
  t.after(async () => {
    await ebb.kill();
    await remove();
  });
  clearAfter(t);
  return {
    caller: { projectId: LOCAL_PROJECT_ID, ask: (...what: Parameters<EbbProcess["ask"]>) => ebb.ask(...what) },
    /** At each of the calls in turn Ebb is killed: the engine has done it, and Ebb was not told. The next Ebb goes on. */
    async diesAt(...calls: [Call, ...Call[]]): Promise<void> {
      let done = line.hold(CALLS[calls[0]]);
      for (const next of [...calls.slice(1), undefined]) {
        await done;
        await ebb.kill();
        // Before the next Ebb comes: it goes on at once.
        if (next) done = line.hold(CALLS[next]);
        ebb = await startProcess(dataDir, store);
      }
    },
    async assertNothingLeft(): Promise<void> {
      assert.deepEqual(await peek(store, "SELECT ref FROM holdings WHERE released_at IS NULL"), []);
      await assertWorldEmpty();
    },
  };
}
