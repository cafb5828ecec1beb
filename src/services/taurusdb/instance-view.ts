import type { Resource } from "../../lifecycle/index.ts";
import { isoOffset } from "../../wire/index.ts";
import { findFlavor } from "./catalogue.ts";
import { DATABASE_PORT, MAINTENANCE_WINDOW, MAX_CONNECTIONS } from "./choices.ts";
import type { Family } from "./family.ts";
import { specOf } from "./instance.ts";
import { specOf as nodeSpecOf } from "./node.ts";
import { statusWord, type ViewContext } from "./view-context.ts";

/** The documented status: while a database is being deleted, the last one it had. */
const statusOf = (instance: Resource, context: ViewContext): string =>
  statusWord(instance.state === "DELETING" ? (specOf(instance).shown_status ?? "ACTIVE") : instance.state, context);

/** Empty while the database is being created. */
const timesOf = (instance: Resource) => {
  const building = instance.state === "BUILD";
  return {
    created: building ? "" : isoOffset(instance.createdAt),
    updated: building ? "" : isoOffset(instance.updatedAt),
  };
};

const addressesOf = (resources: readonly Resource[]): string[] =>
  resources.flatMap(({ facts }) => (typeof facts.address === "string" ? [facts.address] : []));

/** The addresses that a database shows, by what they are for. */
export function ipsOf({ nodes, proxies }: Family) {
  const of = (role: string) => addressesOf(nodes.filter((one) => nodeSpecOf(one).role === role));
  return {
    write: of("master"),
    read: of("slave"),
    proxy: addressesOf(proxies.filter((one) => one.state === "ACTIVE")),
  };
}

/** As the answer of its creation. */
export function instanceCreated(instance: Resource): object {
  const spec = specOf(instance);
  return {
    id: instance.id,
    name: instance.name,
    status: "BUILD",
    datastore: { type: spec.datastore.type, version: spec.datastore.version },
    mode: spec.mode,
    configuration_id: spec.configuration_id,
    port: String(DATABASE_PORT),
    backup_strategy: spec.backup_strategy,
    enterprise_project_id: spec.enterprise_project_id,
    region: spec.region,
    availability_zone_mode: spec.availability_zone_mode,
    master_availability_zone: spec.master_availability_zone,
    vpc_id: spec.vpc_id,
    security_group_id: spec.security_group_id,
    subnet_id: spec.subnet_id,
    flavor_ref: spec.flavor_ref,
    charge_info: spec.charge_info,
    ...(spec.order_id === null ? {} : { volume: { size: spec.volume.size } }),
  };
}

/** As an item of a list. */
export function instanceItem(family: Family, context: ViewContext): object {
  const { instance } = family;
  const spec = specOf(instance);
  const flavor = findFlavor(context.catalogue.flavors, spec.flavor_ref);
  const { write, read, proxy } = ipsOf(family);
  return {
    id: instance.id,
    name: instance.name,
    status: statusOf(instance, context),
    private_ips: write,
    proxy_ips: proxy,
    readonly_private_ips: read,
    public_ips: [],
    port: String(DATABASE_PORT),
    type: spec.mode,
    region: spec.region,
    datastore: spec.datastore,
    ...timesOf(instance),
    db_user_name: "root",
    vpc_id: spec.vpc_id,
    subnet_id: spec.subnet_id,
    security_group_id: spec.security_group_id,
    flavor_ref: spec.flavor_ref,
    flavor_info: { vcpus: flavor?.vcpus ?? "", ram: flavor?.ram ?? "" },
    volume: { type: spec.volume.type, size: String(spec.volume.size) },
    backup_strategy: spec.backup_strategy,
    enterprise_project_id: spec.enterprise_project_id,
    time_zone: spec.time_zone,
    charge_info: spec.charge_info,
    dedicated_resource_id: spec.dedicated_resource_id,
    tags: spec.tags,
  };
}

/** As the answer of show. */
export function instanceDetail(family: Family, context: ViewContext): object {
  const { instance, nodes, proxies } = family;
  const spec = specOf(instance);
  return {
    id: instance.id,
    name: instance.name,
    project_id: instance.tenant,
    status: statusOf(instance, context),
    port: String(DATABASE_PORT),
    alias: "",
    type: spec.mode,
    charge_info: { charge_mode: spec.charge_info.charge_mode, order_id: spec.order_id },
    node_count: nodes.length,
    datastore: spec.datastore,
    backup_used_space: 0,
    ...timesOf(instance),
    private_write_ips: ipsOf(family).write,
    private_dns_names: [],
    public_ips: "",
    db_user_name: "root",
    vpc_id: spec.vpc_id,
    subnet_id: spec.subnet_id,
    security_group_id: spec.security_group_id,
    configuration_id: spec.configuration_id,
    backup_strategy: spec.backup_strategy,
    nodes: nodes.map((node) => nodeView(node, instance, context)),
    enterprise_project_id: spec.enterprise_project_id,
    time_zone: spec.time_zone,
    az_mode: spec.availability_zone_mode,
    master_az_code: spec.master_availability_zone,
    maintenance_window: MAINTENANCE_WINDOW,
    tags: spec.tags,
    dedicated_resource_id: spec.dedicated_resource_id,
    proxies: proxies.map((proxy) => ({ pool_id: proxy.id, name: proxy.name, address: addressesOf([proxy])[0] ?? "" })),
  };
}

/** What the storage's type is called beside a node. */
const NODE_VOLUMES: Readonly<Record<string, string>> = { DL6: "POOL", DL5: "STANDARDPOOL" };

/** A node's status: while it is being deleted, the last one it had. One that never came up has no address. */
export function nodeStatus({ state, facts }: Resource): string {
  if (state !== "DELETING") return state;
  return typeof facts.address === "string" ? "ACTIVE" : "FAILED";
}

function nodeView(node: Resource, instance: Resource, context: ViewContext): object {
  const { role, az, flavor: code, priority } = nodeSpecOf(node);
  const { volume, region } = specOf(instance);
  const flavor = findFlavor(context.catalogue.flavors, code);
  return {
    id: node.id,
    name: node.name,
    type: role,
    status: statusWord(nodeStatus(node), context),
    port: DATABASE_PORT,
    private_read_ips: addressesOf([node]),
    volume: { type: NODE_VOLUMES[volume.type] ?? volume.type, used: "0", size: volume.size },
    az_code: az,
    region_code: region,
    created: isoOffset(node.createdAt),
    updated: isoOffset(node.updatedAt),
    flavor_id: code,
    flavor_ref: code,
    max_connections: MAX_CONNECTIONS,
    vcpus: flavor?.vcpus ?? "",
    ram: flavor?.ram ?? "",
    need_restart: false,
    priority,
  };
}
