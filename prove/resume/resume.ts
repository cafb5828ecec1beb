import { each, tokenOf } from "../../bench/client.ts";
import { MovableClock } from "../../src/clock.ts";
import { KeptClock } from "../../src/lifecycle/kept-clock.ts";
import { openStore, type StoreAddress } from "../../src/store/index.ts";
import { peek } from "../../test/kill/process.ts";
import { freshStore } from "../../test/store.ts";
import { type Ebb, startEbb } from "./ebb.ts";
import { DEAD_MS, type Figures, spread, TAKES_MS } from "./figures.ts";
import { Watch } from "./watch.ts";

export interface Options {
  deletes: number;
  /** How long the deletes are spread over, in virtual ms: 0 for all at once. */
  over: number;
  /** A folder for the restarted process's CPU profile. */
  profile?: string | undefined;
}

const GIVE_UP_MS = 300_000;
/** How often the clock is moved while the deletes are accepted. */
const BATCHES = 50;

const RUNNING = "SELECT count(*) AS n FROM operations WHERE state = 'running'";

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + GIVE_UP_MS; !(await done()); ) {
    if (performance.now() > end) throw new Error(`${what}: not within ${GIVE_UP_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
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
    await until("everything is made", async () => Number((await peek<{ n: number }>(store, RUNNING))[0]?.n) === 0);
    return paths;
  } finally {
    await ebb.stop("SIGTERM");
  }
}

/** Deletes them with the clock moving on in between, and kills the process as soon as the last is accepted. */
async function cutOff(dataDir: string, store: StoreAddress, paths: readonly string[], over: number): Promise<void> {
  const ebb: Ebb = await startEbb(dataDir, store, { pace: "real" });
  try {
    await ebb.operate("POST", "/clock/freeze");
    await ebb.operate("PUT", "/paces/fabric.endpoint", { mode: "duration", ms: TAKES_MS });
    const headers = { "x-auth-token": await tokenOf(ebb.url) };
    const size = Math.ceil(paths.length / BATCHES);
    for (let from = 0; from < paths.length; from += size) {
      if (from > 0 && over > 0) await ebb.operate("POST", "/clock/advance", { by: Math.round(over / BATCHES) });
      const some = paths.slice(from, from + size).map((path) => ({ path }));
      const load = await each(ebb.url, "DELETE", some, headers);
      if (load.wrong > 0) throw new Error(`${load.wrong} deletes were not accepted`);
    }
  } finally {
    await ebb.stop("SIGKILL");
  }
}

/** Lets time go on from `DEAD_MS` after the first of the deletes is due. Answers how far it is ahead, in ms. */
async function setClockOn(address: StoreAddress, over: number): Promise<number> {
  const store = await openStore(address);
  try {
    const kept = new KeptClock(store, new MovableClock());
    await kept.load();
    await kept.move(TAKES_MS - over + DEAD_MS);
    await kept.resume();
    return kept.clock.ahead;
  } finally {
    await store.close();
  }
}

export async function resume(kind: Figures["store"], { deletes, over, profile }: Options): Promise<Figures> {
  const { dataDir, store, remove } = await freshStore({ discard: true });
  try {
    await cutOff(dataDir, store, await furnish(dataDir, store, deletes), over);
    const ahead = await setClockOn(store, over);
    const watch = new Watch(store);
    await watch.note();
    const ebb = await startEbb(dataDir, store, { pace: "real", profile });
    try {
      await watch.run(GIVE_UP_MS);
    } finally {
      await ebb.stop("SIGTERM");
    }
    const { late, waiting } = watch.late(ebb.answeredAt + ahead);
    const { startMs } = ebb;
    return { store: kind, deletes, over, late: spread(late), waiting, startMs, lost: watch.unfinished };
  } finally {
    await remove();
  }
}
