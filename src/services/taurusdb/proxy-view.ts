import type { Resource } from "../../lifecycle/index.ts";
import { isoOffset } from "../../wire/index.ts";
import { findFlavor } from "./catalogue.ts";
import { POOL_BEING_MADE, PROXY_PORT } from "./choices.ts";
import type { Family } from "./family.ts";
import { nodeStatus } from "./instance-view.ts";
import { specOf as nodeSpecOf } from "./node.ts";
import { specOf } from "./proxy.ts";
import { type ViewContext, zoneView } from "./view-context.ts";

/** The status of the pool and of its nodes, for a proxy's status. */
const POOL_STATUS: Readonly<Record<string, string>> = {
  "ENABLING PROXY": POOL_BEING_MADE,
  FAILED: "FAILED",
  ABNORMAL: "ABNORMAL",
};

/** A proxy as an element of `proxy_list`, with the database's nodes that it reaches. */
export function proxyItem(proxy: Resource, { nodes }: Family, context: ViewContext): object {
  const { weights } = specOf(proxy);
  const reached = (node: Resource) => ({
    id: node.id,
    instance_id: node.parentId,
    status: nodeStatus(node),
    name: node.name,
    weight: weights[node.id] ?? 0,
    availability_zone: zoneView(nodeSpecOf(node).az, context),
  });
  const master = nodes.find((one) => nodeSpecOf(one).role === "master");
  const replicas = nodes.filter((one) => nodeSpecOf(one).role === "slave" && weights[one.id] !== undefined);
  return {
    proxy: proxyView(proxy, context),
    master_node: master ? reached(master) : {},
    readonly_nodes: replicas.map(reached),
    htap_nodes: [],
  };
}

function proxyView(proxy: Resource, { catalogue }: ViewContext): object {
  const spec = specOf(proxy);
  const flavor = findFlavor(catalogue.proxy_flavors, spec.flavor_ref);
  return {
    pool_id: proxy.id,
    name: proxy.name,
    status: proxy.state,
    pool_status: POOL_STATUS[proxy.state] ?? "ACTIVE",
    address: typeof proxy.facts.address === "string" ? proxy.facts.address : "",
    elb_vip: "",
    eip: "",
    port: typeof proxy.facts.port === "number" ? proxy.facts.port : PROXY_PORT,
    delay_threshold_in_seconds: 30,
    vcpus: flavor?.vcpus ?? "",
    ram: flavor?.ram ?? "",
    node_num: spec.nodes.length,
    type: spec.mode,
    mode: "Cluster",
    flavor_ref: spec.flavor_ref,
    route_mode: spec.route_mode,
    balance_route_mode_enabled: true,
    connection_pool_type: "CLOSED",
    switch_connection_pool_type_enabled: true,
    consistence_mode: "eventual",
    transaction_split: "false",
    ssl_option: "false",
    subnet_id: spec.subnet_id,
    new_node_auto_add_status: spec.new_node_auto_add_status,
    new_node_weight: spec.new_node_weight,
    support_ap_node: false,
    created_at: isoOffset(proxy.createdAt),
    updated_at: isoOffset(proxy.updatedAt),
    nodes: spec.nodes.map((id, index) => proxyNodeView(id, index, proxy)),
  };
}

const proxyNodeView = (id: string, index: number, proxy: Resource): object => ({
  id,
  name: `PROXY-${proxy.id}_${index}`,
  role: index === 0 ? "master" : "slave",
  az_code: specOf(proxy).az,
  status: POOL_STATUS[proxy.state] ?? "ACTIVE",
  frozen_flag: 0,
});
