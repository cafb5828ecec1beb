import { each, tokenOf } from "../../bench/client.ts";
import { MovableClock } from "../../src/clock.ts";
import { KeptClock } from "../../src/lifecycle/kept-clock.ts";
import { openStore, type StoreAddress } from "../../src/store/index.ts";
import { peek } from "../../test/kill/process.ts";
import { freshStore } from "../../test/store.ts";
import { type Ebb, startEbb } from "./ebb.ts";
import { type Figures, GIVEN_BACK_MS } from "./figures.ts";
import { Watch } from "./watch.ts";

export interface Options {
  deletes: number;
  /** A folder for the restarted process's CPU profile. */
  profile?: string | undefined;
}

const GIVE_UP_MS = 120_000;

const RUNNING = "SELECT count(*) AS n FROM operations WHERE state = 'running'";

async function count(store: StoreAddress, sql: string): Promise<number> {
  return Number((await peek<{ n: number | string }>(store, sql))[0]?.n ?? 0);
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + GIVE_UP_MS; !(await done()); ) {
    if (performance.now() > end) throw new Error(`${what}: not within ${GIVE_UP_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Endpoints that are all there, made at once. Answers the paths that delete them. */
async function furnish(dataDir: string, store: StoreAddress, deletes: number): Promise<string[]> {
  const ebb = await startEbb(dataDir, store, { pace: "instant" });
  try {
    const headers = { "x-auth-token": await tokenOf(ebb.url) };
    const body = JSON.stringify({ name: "resume" });
    const json = { ...headers, "content-type": "application/json" };
    const made = await fetch(`${ebb.url}/v1/workspaces`, { method: "POST", headers: json, body });
    const { id } = (await made.json()) as { id: string };
    const path = `/v1/workspaces/${id}/endpoints`;
    const wanted = Array.from({ length: deletes }, () => ({
      path,
      body: JSON.stringify({ name: "ep", type: "inference" }),
    }));
    const paths: string[] = [];
    const load = await each(ebb.url, "POST", wanted, headers, (text) => {
      paths.push(`${path}/${(JSON.parse(text) as { id: string }).id}`);
    });
    if (load.wrong > 0) throw new Error(`${load.wrong} creations were not accepted`);
    await until("everything is made", async () => (await count(store, RUNNING)) === 0);
    return paths;
  } finally {
    await ebb.stop("SIGTERM");
  }
}

/** Deletes them all while time stands still, and kills the process once every one is accepted. */
async function cutOff(dataDir: string, store: StoreAddress, paths: readonly string[]): Promise<void> {
  const ebb: Ebb = await startEbb(dataDir, store, { pace: "real" });
  await ebb.operate("/clock/freeze");
  const headers = { "x-auth-token": await tokenOf(ebb.url) };
  const load = await each(
    ebb.url,
    "DELETE",
    paths.map((path) => ({ path })),
    headers,
  );
  await ebb.stop("SIGKILL");
  if (load.wrong > 0) throw new Error(`${load.wrong} deletes were not accepted`);
}

/** Lets time go on, from a moment at which every delete is due. Answers how far it is ahead of the machine's, in ms. */
async function setClockOn(address: StoreAddress): Promise<number> {
  const store = await openStore(address);
  try {
    const kept = new KeptClock(store, new MovableClock());
    await kept.load();
    await kept.move(GIVEN_BACK_MS + 1_000);
    await kept.resume();
    return kept.clock.ahead;
  } finally {
    await store.close();
  }
}

export async function resume(kind: Figures["store"], { deletes, profile }: Options): Promise<Figures> {
  const { dataDir, store, remove } = await freshStore({ discard: true });
  try {
    await cutOff(dataDir, store, await furnish(dataDir, store, deletes));
    const ahead = await setClockOn(store);
    const before = await count(store, "SELECT sum(fence) AS n FROM operations WHERE verb = 'delete'");
    const due = Date.now() + ahead;
    const ebb = await startEbb(dataDir, store, { pace: "real", profile });
    const watch = new Watch(store, { deletes, before, due, ahead, since: ebb.answeredAt });
    try {
      await watch.run(GIVE_UP_MS);
      const spreads = await watch.spreads();
      await ebb.operate("/clock/advance", { by: "10m" });
      return { store: kind, deletes, startMs: ebb.startMs, ...spreads, lost: await watch.lost() };
    } finally {
      await ebb.stop("SIGTERM");
    }
  } finally {
    await remove();
  }
}
