import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { stringify } from "yaml";
import { loadSecretKey } from "../../../src/iam/index.ts";
import { tokenFromKey } from "../../../src/operator/index.ts";
import { LOCAL_PROJECT_ID } from "../../../src/settings/local-account.ts";
import { type Answer, ask } from "../../harness.ts";
import { type EbbProcess, peek, startProcess } from "../../kill/process.ts";
import { freshStore } from "../../store.ts";
import { play, type Room, until } from "./room.ts";

/** So many lives take their time on a busy machine. */
const WITHIN_MS = 300_000;

/** An Ebb in a process of its own that dies and is started again: each life goes on with the same store. */
export interface House {
  cloud(method: string, path: string, body?: unknown): Promise<Answer>;
  operator(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Kills what runs; `then` comes about before the next life begins. */
  kill(then: () => Promise<void>): Promise<void>;
  /** Lets Ebb's time pass beside the machine's, over its deaths, until it is so. */
  passUntil(what: string, is: () => Promise<boolean>): Promise<void>;
  peek<Row>(sql: string): Promise<Row[]>;
}

export async function startHouse(t: TestContext, room: Room): Promise<House> {
  const { dataDir, store, remove } = await freshStore({ discard: true });
  writeFileSync(join(dataDir, "ebb.yaml"), stringify(room.settings));
  let life: Promise<EbbProcess> | undefined;
  let death = Promise.resolve();
  const living = async () => {
    await death;
    life ??= startProcess(dataDir, store);
    return life;
  };
  t.after(async () => {
    await (await life)?.kill();
    await remove();
  });
  const house: House = {
    cloud: async (method, path, body) => (await living()).ask(method, `/v1/${LOCAL_PROJECT_ID}${path}`, body),
    async operator(method, path, body) {
      const { url } = await living();
      const token = tokenFromKey(await loadSecretKey(dataDir));
      return ask(url, method, `/ebb/v1${path}`, body, { authorization: `Bearer ${token}` });
    },
    kill(then) {
      const dying = life;
      life = undefined;
      // One that has gone to work before it was up is killed once it is.
      death = Promise.resolve(dying).then(async (ebb) => {
        await ebb?.kill();
        await then();
      });
      return death;
    },
    passUntil: (what, is) =>
      until(
        what,
        async () => {
          const asked = await living();
          try {
            await house.operator("POST", "/clock/advance", { by: 5_000 });
            await play(room);
            return await is();
          } catch (error) {
            if (asked === (await life)) throw error;
            return false;
          }
        },
        WITHIN_MS,
      ),
    peek: (sql) => peek(store, sql),
  };
  await living();
  return house;
}
