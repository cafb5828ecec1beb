import type { Domain, Drivers } from "../port.ts";
import { BEHAVIOURS } from "./things.ts";
import { SimulatedHost, type WorldHouse } from "./world.ts";

/** The simulated world: every domain, on the tables of the store. */
export function simulatedDrivers(house: WorldHouse): Drivers {
  const host = <D extends Domain>(domain: D) =>
    new SimulatedHost(domain, house, BEHAVIOURS[domain]) as unknown as Drivers[D];
  return {
    servers: host("servers"),
    notebooks: host("notebooks"),
    databases: host("databases"),
    inference: host("inference"),
  };
}
