import { type Clock, MovableClock } from "./clock.ts";
import { openDrivers } from "./drivers/index.ts";
import type { Drivers } from "./drivers/port.ts";
import { PollWatch } from "./drivers/simulated/polls.ts";
import { Faults } from "./faults/index.ts";
import { createGateway, createThrottle } from "./gateway/index.ts";
import { type Iam, loadSecretKey, openIam } from "./iam/index.ts";
import { createIds, type Ids } from "./ids.ts";
import { type Kind, Lifecycle } from "./lifecycle/index.ts";
import { createLog, type Log } from "./log.ts";
import {
  type Desk,
  EventStreams,
  operatorCheck,
  operatorService,
  pollCounter,
  RequestLog,
  tokenFromKey,
} from "./operator/index.ts";
import { services } from "./services/index.ts";
import type { Pace, Settings } from "./settings.ts";
import { Commits, openStore, type Store, type WriteHooks } from "./store/index.ts";
import type { House, Service } from "./wire/index.ts";

const HOUR_MS = 3_600_000;

/** What the simulated durations are multiplied with. */
const FACTORS: Record<Pace, number> = { instant: 0, fast: 1 / 600, real: 1 };

/** What a test holds in its own hands. */
export interface Ports {
  clock?: MovableClock;
  /** The clock on which clients wait for answers and sign; apart from the other, which users move. */
  waits?: Clock;
  ids?: Ids;
  hooks?: WriteHooks;
  /** Takes the place of each kind: a test comes between a step and what it does. */
  kinds?: (kind: Kind) => Kind;
  log?: Log;
  /** scrypt's N for passwords. */
  passwordCost?: number;
}

export interface Server {
  url: string;
  house: House;
  store: Store;
  clock: MovableClock;
  /** The cloud's; Ebb's own API is not among them. */
  services: readonly Service[];
  operatorToken: string;
  close(): Promise<void>;
}

type Held = Required<Omit<Ports, "hooks" | "kinds" | "passwordCost">>;

/** What has been opened, and how each is closed; the newest is closed first. */
type Opened = (() => Promise<void>)[];

async function closeAll(opened: Opened): Promise<void> {
  const failed: unknown[] = [];
  for (const close of opened.splice(0).toReversed()) await close().catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}

/** Puts the house together and listens. It answers once every service has its inventory in place. */
export async function startServer(settings: Settings, ports: Ports = {}): Promise<Server> {
  const {
    log = createLog(settings.logLevel),
    clock = new MovableClock(),
    waits = new MovableClock(),
    passwordCost,
  } = ports;
  const held: Held = { log, clock, waits, ids: ports.ids ?? createIds() };
  const opened: Opened = [];
  try {
    const commits = new Commits();
    const store = await openStore(settings.store, commits.around(ports.hooks), log);
    opened.push(() => store.close());
    const faults = new Faults({ store, ...held });
    const {
      drivers,
      real,
      close: closeDrivers,
    } = await openDrivers({
      ...held,
      store,
      chosen: settings.drivers,
      dataDir: settings.dataDir,
      settings: { factor: FACTORS[settings.pace], capacity: capacityOf(settings.inventory) },
    });
    opened.push(closeDrivers);
    const house = buildHouse(settings, held, store, drivers, faults, ports.kinds);
    await house.lifecycle.time.kept.load();
    const iam = await openIam({
      ...settings,
      ...held,
      store,
      services: () => services,
      ...(passwordCost ? { passwordCost } : {}),
    });
    await placeInventories(house);
    const polls = new PollWatch(store);
    house.lifecycle.follow(() => polls.refresh());
    house.lifecycle.follow(() => faults.reload());
    opened.push(() => house.lifecycle.stop());
    await house.lifecycle.start();
    opened.push(purgeTokens(iam, log));
    const token = settings.operatorToken ?? tokenFromKey(await loadSecretKey(settings.dataDir));
    const events = new EventStreams({ store, commits, log });
    const tools = { events, faults, polls, real, requests: new RequestLog() };
    const gateway = openGateway(settings, held, house, iam, token, tools);
    opened.push(() => gateway.close());
    // A stream has no end of its own: the gateway would wait for it.
    opened.push(() => events.close());
    opened.push(async () => house.lifecycle.time.close());
    const url = await gateway.listen({ host: settings.host, port: settings.port });
    const close = () => closeAll(opened);
    return { url, house, store, clock, services: [iam.service, ...services], operatorToken: token, close };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Sizes of the bounded pools, by name. */
function capacityOf(inventory: Settings["inventory"]): Record<string, number> {
  return Object.assign({}, ...services.map((service) => service.capacity?.(inventory) ?? {})) as Record<string, number>;
}

function buildHouse(
  settings: Settings,
  { clock, ids, log }: Held,
  store: Store,
  drivers: Drivers,
  faults: Faults,
  as = (kind: Kind) => kind,
): House {
  const { region, inventory } = settings;
  const kinds = services.flatMap((service) => service.kinds).map(as);
  const retainMs = settings.retentionHours * HOUR_MS;
  const lifecycle = new Lifecycle({ store, clock, ids, drivers, kinds, log, retainMs, faults });
  const projects = settings.accounts.flatMap((account) =>
    account.projects.map(({ id, name }) => ({ id, name, domainId: account.id, domainName: account.name })),
  );
  return { lifecycle, drivers, clock, ids, log, region, inventory, projects };
}

async function placeInventories(house: House): Promise<void> {
  for (const service of services) await service.start?.(house);
}

function openGateway(
  settings: Settings,
  { log, waits }: Held,
  house: House,
  iam: Iam,
  operatorToken: string,
  tools: Pick<Desk, "events" | "faults" | "polls" | "real" | "requests">,
) {
  const { throttle, dataDir, pace } = settings;
  const cloud = [iam.service, ...services];
  const refresh = {
    accounts: () => iam.settle(),
    clock: () => house.lifecycle.time.kept.load(true),
    state: async () => {
      await tools.faults.reload();
      await placeInventories(house);
      await tools.polls.refresh();
    },
  };
  const { knowsProject } = iam;
  const kept = { ...tools, pace, dataDir, refresh, knowsProject };
  const desk = { ...house, ...kept, store: house.lifecycle.store, services: cloud };
  return createGateway({
    house,
    faults: tools.faults,
    requests: tools.requests,
    log,
    waits,
    services: [...cloud, operatorService(desk)],
    polled: pollCounter(desk),
    isOperator: operatorCheck(operatorToken),
    authenticate: (presented) => iam.authenticate(presented),
    throttle: throttle ? createThrottle(throttle, waits) : undefined,
    throttleSettings: throttle,
    timeoutMs: settings.requestTimeoutMs,
    bodyLimit: settings.bodyLimitBytes,
  });
}

/** Forgets expired tokens once an hour. */
function purgeTokens(iam: Iam, log: Log): () => Promise<void> {
  const purge = () => iam.purge().catch((error: unknown) => log.error({ error }, "expired tokens were not purged"));
  const interval = setInterval(() => void purge(), HOUR_MS);
  interval.unref();
  return async () => clearInterval(interval);
}
