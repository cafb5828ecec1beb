import { type Domain, type Drivers, Refusal } from "../port.ts";
import { BEHAVIOURS } from "./things.ts";
import { SimulatedHost, type WorldHouse } from "./world.ts";

async function nothingToAsk(): Promise<never> {
  throw new Refusal("no model is behind the simulated world", {
    owner: "an operator",
    hint: "choose a driver that serves models: drivers: { inference: containers } in ebb.yaml",
    forGood: true,
  });
}

/** The simulated world: every domain, on the tables of the store. */
export function simulatedDrivers(house: WorldHouse): Drivers {
  const host = <D extends Domain>(domain: D) =>
    new SimulatedHost(domain, house, BEHAVIOURS[domain]) as unknown as Drivers[D];
  return {
    servers: host("servers"),
    notebooks: host("notebooks"),
    databases: host("databases"),
    inference: Object.assign(host("inference"), { ask: nothingToAsk }),
  };
}
