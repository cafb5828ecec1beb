import type { Drivers } from "../../src/drivers/port.ts";
import { simulatedDrivers } from "../../src/drivers/simulated/index.ts";
import { createIds, seededRandom } from "../../src/ids.ts";
import { type Caller, Lifecycle } from "../../src/lifecycle/index.ts";
import { silentLog } from "../../src/log.ts";
import type { Store } from "../../src/store/index.ts";
import type { Call, House } from "../../src/wire/index.ts";
import type { ModelClock } from "./model-clock.ts";
import type { Hands, Stage } from "./stage.ts";
import { type Town, TurnStore } from "./turn-store.ts";

export const TENANT = "c1".repeat(16);
const REGION = "eu-local-1";
const PROJECT = { id: TENANT, name: REGION, domainId: "1".repeat(32), domainName: "race" };
/** Past any schedule: nothing that is gone leaves the store. */
const RETAIN_MS = 365 * 86_400_000;

/** One process of a schedule: a kernel of its own on the store of all. */
export interface Process {
  name: string;
  lifecycle: Lifecycle;
  house: House;
  drivers: Drivers;
  hands(requestId: string): Hands;
}

export interface ProcessOptions {
  name: string;
  stage: Stage;
  store: Store;
  clock: ModelClock;
  /** It takes the store for its own, and drops the leases that it finds. */
  alone: boolean;
}

/** Opens a process; it does nothing until its lifecycle is started. */
export function openProcess(town: Town, { name, stage, store: inner, clock, alone }: ProcessOptions): Process {
  const store = new TurnStore(inner, name, town, alone);
  const capacity = stage.service?.capacity?.(stage.inventory ?? {}) ?? {};
  const world = simulatedDrivers({ store, clock, settings: { factor: 1, capacity: { ...capacity } } });
  const drivers = stage.world?.(world) ?? world;
  const ids = createIds(seededRandom(name.length * 7 + name.charCodeAt(0)));
  const lifecycle = new Lifecycle({
    store,
    clock,
    ids,
    drivers,
    kinds: stage.kinds,
    log: silentLog,
    retainMs: RETAIN_MS,
  });
  const inventory = stage.inventory ?? {};
  const house: House = {
    lifecycle,
    drivers,
    clock,
    ids,
    log: silentLog,
    region: REGION,
    inventory,
    projects: [PROJECT],
  };
  const hands = (requestId: string): Hands => handsOf(stage, house, { tenant: TENANT, userId: "user", requestId });
  return { name, lifecycle, house, drivers, hands };
}

function handsOf(stage: Stage, house: House, caller: Caller): Hands {
  const principal = {
    userId: caller.userId,
    userName: "user",
    domainId: PROJECT.domainId,
    domainName: PROJECT.domainName,
    project: PROJECT,
    may: () => true,
  };
  const call = async (id: string, params: object, body: object = {}) => {
    const operation = stage.service?.operations.find((one) => one.id === id);
    if (!operation) throw new Error(`${stage.name} has no operation ${id}`);
    const asked: Call = {
      params: { project_id: TENANT, ...params },
      query: {},
      body,
      principal,
      caller,
      language: "en-us",
      requestId: caller.requestId,
      headers: {},
      endpoint: "http://127.0.0.1",
    };
    return (await operation.handle(asked, house)).body;
  };
  return { lifecycle: house.lifecycle, house, caller, call };
}
