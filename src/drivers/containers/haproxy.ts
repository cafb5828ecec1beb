import type { Member } from "./cluster.ts";
import type { Place } from "./ports.ts";

/** HAProxy's own bound; the wire's weights go higher. */
const WEIGHT_MOST = 256;

export interface ProxyServer {
  listen: Place;
  members: readonly Member[];
  /** By node id. A node that is not in it is not in the proxy. */
  weights: Readonly<Record<string, number>>;
  /** Only reads are asked through it: connections go to the nodes by their weights. */
  readonly: boolean;
  drainSeconds: number;
}

/** The same proportions inside HAProxy's bounds: nothing but 0 becomes 0. */
export function scaled(weight: number, highest: number): number {
  if (weight <= 0) return 0;
  return highest <= WEIGHT_MOST ? weight : Math.max(1, Math.round((weight / highest) * WEIGHT_MOST));
}

const server = ({ name, inside }: Member, weight: number) =>
  `  server ${name} ${inside.address}:${inside.port} check weight ${weight}`;

/**
 * What may write goes to the primary alone: a proxy of connections cannot tell a read from a write. What only reads is
 * spread over the nodes by their weights.
 */
function serversOf({ members, weights, readonly }: ProxyServer): string[] {
  if (!readonly) return members.filter((one) => one.role === "master").map((one) => server(one, 1));
  const highest = Math.max(0, ...Object.values(weights));
  return members
    .filter((one) => weights[one.id] !== undefined)
    .map((one) => server(one, scaled(weights[one.id] ?? 0, highest)));
}

/** A soft stop closes the door at once, and ends by itself when the last connection does, or after the deadline. */
export const configOf = (proxy: ProxyServer): string =>
  [
    "global",
    "  maxconn 1000",
    `  hard-stop-after ${proxy.drainSeconds}s`,
    "defaults",
    "  mode tcp",
    "  timeout connect 5s",
    "  timeout client 8h",
    "  timeout server 8h",
    "listen database",
    `  bind ${proxy.listen.address}:${proxy.listen.port}`,
    "  balance leastconn",
    "  option tcpka",
    ...serversOf(proxy),
    "",
  ].join("\n");

/** A file in a proxy's container: while it is there, HAProxy is not started again. */
export const DRAINING = "/tmp/draining";

const START = `
set -eu
umask 077
if [ -e ${DRAINING} ]; then exit 0; fi
printf '%s\\n' "$EBB_CONFIG" > /tmp/haproxy.cfg
exec haproxy -db -f /tmp/haproxy.cfg
`;

export const proxyCommand = (proxy: ProxyServer) => ({
  Entrypoint: ["/bin/sh", "-c", START],
  Cmd: [],
  Env: [`EBB_CONFIG=${configOf(proxy)}`],
});
