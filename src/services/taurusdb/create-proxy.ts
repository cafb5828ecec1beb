import { type Static, Type } from "typebox";
import type { Resource } from "../../lifecycle/index.ts";
import { type Catalogue, findFlavor, proxiesMost } from "./catalogue.ts";
import { DEFAULT_READ_WEIGHT, PROXIES_MOST, PROXY_NODES, PROXY_NOT_POSSIBLE_CODE } from "./choices.ts";
import { refused } from "./dialect.ts";
import { specOf as instanceSpecOf } from "./instance.ts";
import { specOf as nodeSpecOf } from "./node.ts";
import type { ProxySpec } from "./proxy.ts";
import { fitsBytes, Name, OnOff, Text, Uuid, Weight } from "./schemas.ts";

/** The body of a proxy's creation. */
export const NewProxy = Type.Object({
  flavor_ref: Text,
  node_num: Type.Integer({ minimum: PROXY_NODES.least, maximum: PROXY_NODES.most }),
  proxy_name: Type.Optional(Name),
  proxy_mode: Type.Optional(Type.Enum(["readwrite", "readonly"])),
  route_mode: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 })),
  nodes_read_weight: Type.Optional(
    Type.Array(Type.Object({ id: Type.String({ maxLength: 64 }), weight: Weight }), { maxItems: 16 }),
  ),
  subnet_id: Type.Optional(Type.Union([Uuid, Type.Literal("")])),
  new_node_auto_add_status: Type.Optional(OnOff),
  new_node_weight: Type.Optional(Weight),
});

export type NewProxy = Static<typeof NewProxy>;

/**
 * What a proxy is to be, after the checks that its schema cannot express.
 * @param nodes of the database
 * @param ids for the proxy's own nodes
 * @throws Fault with the code of the first thing that is wrong
 */
export function proxySpec(
  body: NewProxy,
  at: { instance: Resource; nodes: readonly Resource[]; catalogue: Catalogue; cluster: string; ids: string[] },
): ProxySpec {
  const { vpc, routeMode } = { vpc: instanceSpecOf(at.instance), routeMode: body.route_mode ?? 0 };
  if (!findFlavor(at.catalogue.proxy_flavors, body.flavor_ref)) throw refused("280288");
  if (body.proxy_name !== undefined && !fitsBytes(body.proxy_name)) throw refused("280277");
  const mode = body.proxy_mode ?? "readwrite";
  return {
    cluster: at.cluster,
    flavor_ref: body.flavor_ref,
    mode,
    route_mode: routeMode,
    subnet_id: body.subnet_id || vpc.subnet_id,
    weights: weightsOf(body.nodes_read_weight, { mode, routeMode, nodes: at.nodes }),
    nodes: at.ids,
    az: vpc.master_availability_zone,
    new_node_auto_add_status: body.new_node_auto_add_status ?? "OFF",
    new_node_weight: body.new_node_weight ?? DEFAULT_READ_WEIGHT,
  };
}

interface Routing {
  mode: string;
  routeMode: number;
  nodes: readonly Resource[];
}

/** The weights that were asked for, or by default every replica with the primary's part that the route mode gives it. */
function weightsOf(asked: NewProxy["nodes_read_weight"], { mode, routeMode, nodes }: Routing): Record<string, number> {
  const roles = new Map(nodes.map((node) => [node.id, nodeSpecOf(node).role]));
  if (!asked?.length) {
    const reached = [...roles].filter(([, role]) => mode === "readwrite" || role === "slave");
    return Object.fromEntries(reached.map(([id, role]) => [id, defaultWeight(role, routeMode)]));
  }
  for (const { id, weight } of asked) {
    const role = roles.get(id);
    if (role === undefined || (mode === "readonly" && role === "master")) throw refused("270025");
    if (!allowedWeights(role, routeMode).includes(weight) && routeMode !== 0) throw refused("270025");
  }
  return Object.fromEntries(asked.map(({ id, weight }) => [id, weight]));
}

/** Route mode 0 weighs, 1 balances over the replicas, 2 over the primary too. */
const allowedWeights = (role: "master" | "slave", routeMode: number): number[] =>
  role === "slave" ? [0, 1] : [routeMode === 2 ? 1 : 0];

const defaultWeight = (role: "master" | "slave", routeMode: number): number => {
  if (routeMode !== 0) return Math.max(...allowedWeights(role, routeMode));
  return role === "slave" ? DEFAULT_READ_WEIGHT : 0;
};

/** Refuses what the database's version, its number of proxies or its lack of replicas does not allow. */
export function mustTakeProxy(instance: Resource, nodes: readonly Resource[], proxies: readonly Resource[]): void {
  const most = proxiesMost(instanceSpecOf(instance).datastore.kernel_version, PROXIES_MOST);
  if (most === 0) throw refused("05000001");
  if (proxies.length >= most) throw refused(PROXY_NOT_POSSIBLE_CODE);
  const replicas = nodes.filter((one) => nodeSpecOf(one).role === "slave" && one.state === "ACTIVE");
  if (replicas.length === 0) throw refused(PROXY_NOT_POSSIBLE_CODE);
}
