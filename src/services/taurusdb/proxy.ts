import {
  asBlocker,
  changes,
  findResource,
  type Guard,
  type Kind,
  listDescendants,
  makes,
  type Resource,
  unmakes,
} from "../../lifecycle/index.ts";
import { PROXY_DELETE_FAILED, PROXY_PORT, STAGE_DEADLINE_MS } from "./choices.ts";
import { isLeaving, NODE, PROXY, WORKING } from "./kinds.ts";

export interface ProxySpec {
  /** What the cluster's storage is called in the world. */
  cluster: string;
  flavor_ref: string;
  mode: "readwrite" | "readonly";
  route_mode: number;
  subnet_id: string;
  /** Read weights by node id; a replica that is not in it is not in the proxy. */
  weights: Record<string, number>;
  /** Ids of the proxy's own nodes. */
  nodes: string[];
  az: string;
  new_node_auto_add_status: string;
  new_node_weight: number;
}

export const specOf = (proxy: Resource): ProxySpec => proxy.spec as unknown as ProxySpec;

/** A proxy goes while nothing else runs on it or on the database. Other proxies may come and go. */
const nothingDisturbed: Guard = async (tx, proxy) => {
  const database = await findResource(tx, String(proxy.parentId), true);
  if (!database || isLeaving(database)) return [];
  const nodes = (await listDescendants(tx, database.id)).filter((one) => one.kind === NODE);
  return [database, ...nodes, proxy].filter((one) => WORKING.has(one.state)).map(asBlocker);
};

/** A read/write-splitting endpoint in front of a database, its parent. */
export const proxyKind: Kind = {
  name: PROXY,
  gone: "DELETED",
  verbs: {
    create: {
      from: [],
      during: "ENABLING PROXY",
      then: "ACTIVE",
      failed: "FAILED",
      version: 1,
      plan: () => ["open"],
    },
    delete: {
      from: ["ACTIVE", "FAILED", "ABNORMAL"],
      during: "DISABLING PROXY",
      then: "DELETED",
      failed: PROXY_DELETE_FAILED,
      version: 1,
      guards: [nothingDisturbed],
      plan: () => ["drain", "close"],
    },
  },
  steps: {
    open: makes({
      domain: "databases",
      type: "proxy",
      spec: (proxy) => {
        const { cluster, flavor_ref, nodes, weights, mode } = specOf(proxy);
        const readonly = mode === "readonly";
        const flavor = flavor_ref;
        return { cluster, flavor, nodes: nodes.length, port: PROXY_PORT, weights, readonly, draining: false };
      },
      facts: ({ address, port }) => ({ address, port }),
      deadlineMs: STAGE_DEADLINE_MS,
    }),
    drain: changes({ domain: "databases", type: "proxy", spec: () => ({ draining: true }), lost: "done" }),
    close: unmakes("databases", "proxy"),
  },
};
