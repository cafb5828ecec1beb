import { MovableClock } from "../../src/clock.ts";
import { simulatedDrivers } from "../../src/drivers/simulated/index.ts";
import { createIds, seededRandom } from "../../src/ids.ts";
import { Lifecycle } from "../../src/lifecycle/index.ts";
import type { Log } from "../../src/log.ts";
import { services } from "../../src/services/index.ts";
import {
  LOCAL_DOMAIN_ID,
  LOCAL_DOMAIN_NAME,
  LOCAL_PROJECT_ID,
  LOCAL_REGION,
} from "../../src/settings/local-account.ts";
import type { Store } from "../../src/store/index.ts";
import type { House, Service } from "../../src/wire/index.ts";
import { type Between, through } from "../../test/between.ts";

/** How long the record of a gone thing is kept, in virtual ms. */
export const RETAIN_MS = 24 * 3_600_000;

export interface KillHouse {
  house: House;
  services: readonly Service[];
  clock: MovableClock;
}

/** The house without its front door: what a killed process has to read again is all there, and starts in a moment. */
export async function openHouse(
  store: Store,
  options: { now: number; ids: number; factor: number; inventory: Record<string, unknown>; log: Log; between: Between },
): Promise<KillHouse> {
  const { inventory, log, factor } = options;
  const clock = new MovableClock({ frozenAt: options.now });
  const ids = createIds(seededRandom(options.ids));
  const capacity: Record<string, number> = {};
  for (const service of services) Object.assign(capacity, service.capacity?.(inventory));
  const drivers = simulatedDrivers({ store, clock, settings: { factor, capacity } });
  const kinds = services.flatMap((service) => service.kinds).map((kind) => through(kind, options.between));
  const lifecycle = new Lifecycle({ store, clock, ids, drivers, kinds, log, retainMs: RETAIN_MS });
  const project = {
    id: LOCAL_PROJECT_ID,
    name: LOCAL_REGION,
    domainId: LOCAL_DOMAIN_ID,
    domainName: LOCAL_DOMAIN_NAME,
  };
  const house: House = { lifecycle, drivers, clock, ids, log, region: LOCAL_REGION, inventory, projects: [project] };
  await lifecycle.time.kept.load();
  for (const service of services) await service.start?.(house);
  await lifecycle.start();
  return { house, services, clock };
}
