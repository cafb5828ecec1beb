import type { Log } from "../log.ts";
import { readChoice } from "./choice.ts";
import type { Drivers } from "./port.ts";
import { simulatedDrivers } from "./simulated/index.ts";
import type { WorldHouse } from "./simulated/world.ts";

export interface DriversHouse extends WorldHouse {
  log: Log;
  /** `drivers` of ebb.yaml. */
  chosen: Readonly<Record<string, unknown>>;
}

export interface OpenDrivers {
  drivers: Drivers;
  close(): Promise<void>;
}

/**
 * Opens the driver of each domain.
 * @throws SettingError, and what a driver says of a machine that it cannot work on
 */
export async function openDrivers(house: DriversHouse): Promise<OpenDrivers> {
  const choice = readChoice(house.chosen);
  const drivers = simulatedDrivers(house);
  if (choice.servers !== "redfish") return { drivers, close: async () => {} };
  // Loaded here: most houses have no machines.
  const { redfishServers } = await import("./redfish/index.ts");
  const { host, close } = redfishServers(house, house.chosen);
  return { drivers: { ...drivers, servers: host }, close };
}
