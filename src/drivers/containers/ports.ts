import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import type { HostConfig } from "dockerode";
import type { Yard } from "./host.ts";
import { filterOf, labelOf } from "./labels.ts";

export const LOOPBACK = "127.0.0.1";
const TRIES = 64;

/** Where a server is reached from this machine. */
export interface Place {
  address: string;
  port: number;
}

/** Nothing listens there. */
export function isFree({ address, port }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: address, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A port that nobody has: neither a process now, nor a container of Ebb's that stands still. It is chosen here and not by
 * the engine, so that it stays the same when the engine starts the container again.
 */
export async function freePort({ engine, settings }: Yard): Promise<number> {
  const ours = await engine.list({ label: filterOf(settings.mark) });
  const taken = new Set(ours.map((one) => Number(labelOf(one.Labels, "port"))));
  const { from, to } = settings.ports;
  for (let turn = 0; turn < TRIES; turn++) {
    const port = randomInt(from, to + 1);
    if (!taken.has(port) && (await isFree({ address: LOOPBACK, port }))) return port;
  }
  throw new Error(`no free port was found between ${from} and ${to} in ${TRIES} tries: widen drivers.containers.ports`);
}

/** How a server listens and is published. On the host's network it takes the place itself; on a bridge, its own port inside. */
export function publish(yard: Yard, place: Place, inside: number) {
  if (yard.settings.network === "host")
    return { listen: place, exposed: {}, host: { NetworkMode: "host" } satisfies HostConfig };
  const name = `${inside}/tcp`;
  return {
    listen: { address: "0.0.0.0", port: inside },
    exposed: { [name]: {} },
    host: { PortBindings: { [name]: [{ HostIp: place.address, HostPort: String(place.port) }] } } satisfies HostConfig,
  };
}

/** Where a container's labels say that it is reached. */
export const placeOf = (labels: Record<string, string> | undefined): Place => ({
  address: labelOf(labels, "address") ?? LOOPBACK,
  port: Number(labelOf(labels, "port")),
});

export const placeLabels = ({ address, port }: Place) => ({ address, port: String(port) });
