import type { Log } from "../log.ts";
import { readChoice } from "./choice.ts";
import { Fences } from "./fences.ts";
import type { Domain, Drivers } from "./port.ts";
import { simulatedDrivers } from "./simulated/index.ts";
import type { WorldHouse } from "./simulated/world.ts";

export interface DriversHouse extends WorldHouse {
  log: Log;
  /** `drivers` of ebb.yaml. */
  chosen: Readonly<Record<string, unknown>>;
  /** Where a driver keeps files by default. */
  dataDir: string;
}

export interface OpenDrivers {
  drivers: Drivers;
  /** Domains whose things are real: they stay when the store's rows go. */
  real: readonly Domain[];
  close(): Promise<void>;
}

const nothingOpen = async (): Promise<void> => {};

/**
 * Opens the driver of each domain.
 * @throws SettingError, and what a driver says of a machine that it cannot work on
 */
export async function openDrivers(house: DriversHouse): Promise<OpenDrivers> {
  const { chosen, dataDir, store, clock } = house;
  const choice = readChoice(chosen);
  const drivers = simulatedDrivers(house);
  let close = nothingOpen;
  // What is not chosen is not loaded: the clients of real things take a while.
  if (choice.servers === "redfish") {
    const { redfishServers } = await import("./redfish/index.ts");
    const servers = redfishServers(house, chosen);
    drivers.servers = servers.host;
    close = servers.close;
  }
  const contained = (["notebooks", "databases", "inference"] as const).filter((one) => choice[one] === "containers");
  if (contained.length > 0) {
    const { containerDrivers } = await import("./containers/index.ts");
    const made = containerDrivers(chosen.containers, dataDir, new Fences(store, clock), house.log);
    Object.assign(drivers, Object.fromEntries(contained.map((domain) => [domain, made[domain]])));
  }
  const real = (Object.keys(choice) as Domain[]).filter((domain) => choice[domain] !== "simulated");
  return { drivers, real, close };
}
