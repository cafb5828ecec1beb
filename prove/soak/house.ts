import { MovableClock } from "../../src/clock.ts";
import type { Drivers } from "../../src/drivers/port.ts";
import { simulatedDrivers } from "../../src/drivers/simulated/index.ts";
import { Faults } from "../../src/faults/index.ts";
import { createIds, type Ids, seededRandom } from "../../src/ids.ts";
import { Lifecycle } from "../../src/lifecycle/index.ts";
import { silentLog } from "../../src/log.ts";
import { services } from "../../src/services/index.ts";
import { openStore, type Store, type StoreAddress } from "../../src/store/index.ts";
import { START } from "../../test/store.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** How long what is gone stays readable. */
export const RETAIN_MS = 24 * HOUR;
export const TENANTS = ["soak-one", "soak-two"] as const;
const TICK_MS = 2 * MINUTE;

/** The kernel with every service's kinds over the simulated world, without a listener. */
export interface SoakHouse {
  store: Store;
  clock: MovableClock;
  ids: Ids;
  drivers: Drivers;
  faults: Faults;
  lifecycle: Lifecycle;
  close(): Promise<void>;
}

const serverEntry = (index: number) => ({
  sn: `SOAK-${index}`,
  manufacturer: "Ebb",
  model: "Simulated-2S",
  dc: "hall-a",
  rack: `rack${Math.floor(index / 20)}`,
  unit: String(index % 20),
});

/** @param servers physical servers that each tenant has */
export async function openHouse(address: StoreAddress, seed: number, servers: number): Promise<SoakHouse> {
  const store = await openStore(address);
  const clock = new MovableClock({ frozenAt: START });
  const ids = createIds(seededRandom(seed));
  const drivers = simulatedDrivers({ store, clock, settings: { factor: 1, capacity: {} } });
  const held = { store, clock, ids, drivers, log: silentLog };
  const faults = new Faults(held);
  const kinds = services.flatMap((service) => service.kinds);
  const lifecycle = new Lifecycle({ ...held, kinds, retainMs: RETAIN_MS, faults });
  lifecycle.follow(() => faults.reload());
  const inventory = { clouddc: { servers: Array.from({ length: servers }, (_, index) => serverEntry(index)) } };
  const projects = TENANTS.map((id) => ({ id, name: id, domainId: `d-${id}`, domainName: id }));
  await lifecycle.start();
  // Writes the kept clock's row, which then stays.
  await lifecycle.time.kept.move(0);
  for (const service of services) {
    await service.start?.({ ...held, lifecycle, region: "eu-local-1", inventory, projects });
  }
  const close = async () => {
    await lifecycle.stop();
    await store.close();
  };
  return { ...held, faults, lifecycle, close };
}

/**
 * Lets time pass in ticks, each with all that falls due in it, until nothing is left to fall due or `most` is over: many
 * resources go side by side, and one tick moves them all.
 */
export async function letPass({ lifecycle: { runner, time }, clock }: SoakHouse, most: number): Promise<void> {
  const end = clock.now() + most;
  for (;;) {
    await runner.settled();
    const { later } = await runner.due();
    if (later === undefined || clock.now() >= end) return;
    await time.kept.move(Math.min(end - clock.now(), Math.max(TICK_MS, later - clock.now())));
  }
}
