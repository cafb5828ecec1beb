import type { Ids } from "../../ids.ts";
import type { Accepting, Resource } from "../../lifecycle/index.ts";
import { Addresses, type WantedInterface } from "./addresses.ts";
import { getAll } from "./batch.ts";
import { refuse } from "./dialect.ts";
import type { InstanceSpec } from "./instance.ts";
import { INSTANCE, SERVER } from "./names.ts";
import { isIdle, powerTurn, serverFacts } from "./server.ts";

/** Which servers: those named, or as many idle ones as there are between `min` and `max`. */
export type Placement = { named: readonly string[] } | { min: number; max: number };

export interface Deployment {
  names: (count: number) => string[];
  image_id: string;
  vpc_id: string;
  interfaces: readonly WantedInterface[];
  metadata: Record<string, string>;
  description: string;
}

/** Two requests at once cannot choose the same server or the same address. */
export const holdPlacing = (accepting: Accepting): Promise<void> => accepting.alone("placing");

async function choose(accepting: Accepting, placement: Placement, fraction: () => number): Promise<Resource[]> {
  if ("named" in placement) {
    const servers = await getAll(accepting, SERVER, placement.named);
    const busy = servers.filter((one) => !isIdle(one)).map((one) => one.id);
    if (busy.length > 0) throw refuse.notReady(SERVER, busy);
    return servers;
  }
  const idle = (await accepting.list({ kind: SERVER, states: ["ready"] })).filter(isIdle);
  if (idle.length < placement.min) throw refuse.noIdleServer(idle.length, placement.min);
  const chosen: string[] = [];
  while (chosen.length < placement.max && idle.length > 0) {
    const [one] = idle.splice(Math.floor(fraction() * idle.length), 1);
    if (one) chosen.push(one.id);
  }
  return getAll(accepting, SERVER, chosen);
}

/** Takes the servers into use and starts an installation on each: all of them, or nothing. */
export async function deploy(
  accepting: Accepting,
  ids: Ids,
  placement: Placement,
  wanted: Deployment,
): Promise<Resource[]> {
  await holdPlacing(accepting);
  const servers = await choose(accepting, placement, () => ids.fraction());
  const addresses = await Addresses.of(accepting);
  const names = wanted.names(servers.length);
  const { image_id, vpc_id, metadata, description } = wanted;
  const made: Resource[] = [];
  for (const [index, server] of servers.entries()) {
    const network_interfaces = addresses.assign(wanted.interfaces);
    const spec: InstanceSpec = { image_id, vpc_id, network_interfaces, metadata, description, operation: "install" };
    const used = await accepting.change(server, { state: "in-use" });
    await switchOn(accepting, used);
    const id = ids.uuid7(accepting.now);
    const { resource } = await accepting.create({
      kind: INSTANCE,
      id,
      parentId: server.id,
      name: names[index] ?? "",
      spec,
    });
    made.push(resource);
  }
  return made;
}

/** An operating system is put on a server that is on: one that is off is switched on. */
export async function switchOn(accepting: Accepting, server: Resource): Promise<void> {
  if (serverFacts(server).power === "off") await accepting.submit("power", server, { spec: powerTurn(server, "on") });
}
