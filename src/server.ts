import { type Clock, MovableClock } from "./clock.ts";
import { simulatedDrivers } from "./drivers/simulated/index.ts";
import { createGateway, createThrottle } from "./gateway/index.ts";
import { openIam } from "./iam/index.ts";
import { createIds, type Ids } from "./ids.ts";
import { Lifecycle } from "./lifecycle/index.ts";
import { createLog, type Log } from "./log.ts";
import { services } from "./services/index.ts";
import type { Pace, Settings } from "./settings.ts";
import { openStore, type Store, type WriteHooks } from "./store/index.ts";
import type { House, Service } from "./wire/index.ts";

const HOUR_MS = 3_600_000;
const PURGE_TOKENS_EVERY_MS = HOUR_MS;

/** What the simulated durations are multiplied with. */
const FACTORS: Record<Pace, number> = { instant: 0, fast: 1 / 600, real: 1 };

/** What a test holds in its own hands. */
export interface Ports {
  clock?: MovableClock;
  /** The clock on which clients wait for answers; apart from the other, which users move. */
  waits?: Clock;
  ids?: Ids;
  hooks?: WriteHooks;
  log?: Log;
}

export interface Server {
  url: string;
  house: House;
  store: Store;
  clock: MovableClock;
  services: readonly Service[];
  close(): Promise<void>;
}

/** Puts the house together and listens. It answers once every service has its inventory in place. */
export async function startServer(settings: Settings, ports: Ports = {}): Promise<Server> {
  const {
    log = createLog(settings.logLevel),
    clock = new MovableClock(),
    waits = new MovableClock(),
    ids = createIds(),
  } = ports;
  const store = await openStore(settings.store, ports.hooks);
  try {
    return await assemble(settings, { log, clock, waits, ids }, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function assemble(
  settings: Settings,
  ports: { log: Log; clock: MovableClock; waits: Clock; ids: Ids },
  store: Store,
): Promise<Server> {
  const { log, clock, waits, ids } = ports;
  const { accounts, dataDir, region, inventory, throttle } = settings;
  const iam = await openIam({ store, clock, ids, log, accounts, dataDir, region, services: () => services });
  const capacity = Object.assign({}, ...services.map((service) => service.capacity?.(inventory) ?? {})) as Record<
    string,
    number
  >;
  const drivers = simulatedDrivers({ store, clock, settings: { factor: FACTORS[settings.pace], capacity } });
  const kinds = services.flatMap((service) => service.kinds);
  const lifecycle = new Lifecycle({
    store,
    clock,
    ids,
    drivers,
    kinds,
    log,
    retainMs: settings.retentionHours * HOUR_MS,
  });
  const projects = accounts.flatMap((account) =>
    account.projects.map(({ id, name }) => ({ id, name, domainId: account.id, domainName: account.name })),
  );
  const house: House = { lifecycle, drivers, clock, ids, log, region, inventory, projects };
  for (const service of services) await service.start?.(house);
  const all = [iam.service, ...services];
  const gateway = createGateway({
    house,
    log,
    waits,
    services: all,
    authenticate: (presented) => iam.authenticate(presented),
    throttle: throttle ? createThrottle(throttle, waits) : undefined,
    throttleSettings: throttle,
    timeoutMs: settings.requestTimeoutMs,
    bodyLimit: settings.bodyLimitBytes,
  });
  const purge = setInterval(
    () => void iam.purge().catch((error: unknown) => log.error({ error }, "expired tokens were not purged")),
    PURGE_TOKENS_EVERY_MS,
  );
  purge.unref();
  await lifecycle.start();
  const close = async () => {
    clearInterval(purge);
    await gateway.close();
    await lifecycle.stop();
    await store.close();
  };
  try {
    const url = await gateway.listen({ host: settings.host, port: settings.port });
    return { url, house, store, clock, services: all, close };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}
