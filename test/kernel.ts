import type { TestContext } from "node:test";
import { MovableClock } from "../src/clock.ts";
import type { Drivers } from "../src/drivers/port.ts";
import { simulatedDrivers } from "../src/drivers/simulated/index.ts";
import { Faults } from "../src/faults/index.ts";
import { createIds, seededRandom } from "../src/ids.ts";
import {
  type Accepted,
  type Birth,
  type Caller,
  type Kind,
  Lifecycle,
  makes,
  nobodyNeedsIt,
  nothingInside,
  unmakes,
} from "../src/lifecycle/index.ts";
import { type Log, silentLog } from "../src/log.ts";
import { openStore, type Store, type WriteHooks } from "../src/store/index.ts";
import { freshStore, letPass, START } from "./store.ts";

export interface Kernel {
  lifecycle: Lifecycle;
  clock: MovableClock;
  store: Store;
  drivers: Drivers;
  /** Where an embedded store's files are. */
  dataDir: string;
  faults: Faults;
  create(birth: Partial<Birth> & { id: string }, caller?: Caller): Promise<Accepted>;
  submit(verb: string, kind: string, id: string, caller?: Caller): Promise<Accepted>;
  /** Lets virtual time pass, with all that falls due in it. */
  pass(ms: number): Promise<void>;
  state(id: string): Promise<string | undefined>;
  count(sql: string): Promise<number>;
}

export const CALLER: Caller = { tenant: "tenant-one", userId: "user-one", requestId: "request-one" };

const life = { during: "MAKING", then: "READY", failed: "BROKEN", version: 1 };
const end = { from: ["READY", "BROKEN", "MAKING"], during: "ENDING", then: "ENDED", failed: "STUCK", version: 1 };

/** A thing with one volume in the world, inside a box that is only a record. */
export const THING: Kind = {
  name: "toy.thing",
  gone: "ENDED",
  verbs: {
    create: { ...life, from: [], plan: () => ["make"] },
    delete: {
      ...end,
      from: [...end.from, "STUCK"],
      aborts: ["create"],
      guards: [nobodyNeedsIt],
      plan: () => ["unmake"],
    },
  },
  steps: {
    make: makes({ domain: "notebooks", type: "volume", spec: () => ({ sizeGb: 5 }) }),
    unmake: unmakes("notebooks", "volume"),
  },
};

export const BOX: Kind = {
  name: "toy.box",
  gone: "ENDED",
  verbs: {
    create: { ...life, from: [], plan: () => [] },
    delete: { ...end, from: [...end.from, "STUCK"], guards: [nothingInside("toy.thing")], plan: () => [] },
  },
  steps: {},
};

export interface KernelOptions {
  kinds?: readonly Kind[];
  /** Multiplies the simulated durations; 1 by default. */
  factor?: number;
  hooks?: WriteHooks;
  log?: Log;
  /** Left false, the test starts the runner itself. */
  stopped?: boolean;
}

/** A kernel on a store of the test's own, over the simulated world, with time standing still. */
export async function startKernel(t: TestContext, options: KernelOptions = {}): Promise<Kernel> {
  const { store: address, dataDir, remove } = await freshStore();
  const store = await openStore(address, options.hooks);
  const clock = new MovableClock({ frozenAt: START });
  const drivers = simulatedDrivers({ store, clock, settings: { factor: options.factor ?? 1, capacity: {} } });
  const held = { store, clock, ids: createIds(seededRandom(7)), log: options.log ?? silentLog };
  const faults = new Faults(held);
  const house = { ...held, drivers, faults, kinds: options.kinds ?? [THING, BOX], retainMs: 3_600_000 };
  const lifecycle = new Lifecycle(house);
  lifecycle.follow(() => faults.reload());
  t.after(async () => {
    await lifecycle.stop();
    await store.close();
    await remove();
  });
  if (!options.stopped) await lifecycle.start();
  return {
    lifecycle,
    clock,
    store,
    drivers,
    dataDir,
    faults,
    create: (birth, caller = CALLER) =>
      lifecycle.accept(caller, (accepting) =>
        accepting.create({ kind: THING.name, name: birth.id, spec: {}, ...birth }),
      ),
    submit: (verb, kind, id, caller = CALLER) =>
      lifecycle.accept(caller, async (accepting) => accepting.submit(verb, await accepting.get(kind, id))),
    pass: (ms) => letPass(lifecycle, ms),
    state: async (id) =>
      (await store.read((session) => session.get<{ state: string }>("SELECT state FROM resources WHERE id = ?", [id])))
        ?.state,
    count: async (sql) =>
      (await store.read((session) => session.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)))?.n ?? -1,
  };
}
