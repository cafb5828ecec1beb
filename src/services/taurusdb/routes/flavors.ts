import { Type } from "typebox";
import { operation } from "../../../wire/index.ts";
import { catalogueOf, type Flavor, flavorId, zonesOf } from "../catalogue.ts";
import { INSTANCE } from "../kinds.ts";
import { InInstance, ProjectId, Text } from "../schemas.ts";

const everywhere = (zones: readonly string[]): Record<string, string> =>
  Object.fromEntries(zones.map((zone) => [zone, "normal"]));

const VERSION = "8.0";

export const showGaussMySqlFlavors = operation({
  id: "ShowGaussMySqlFlavors",
  method: "GET",
  path: "/v3/{project_id}/flavors/{database_name}",
  summary: "Lists the flavors of databases",
  action: "gaussdb:instance:list",
  success: 200,
  params: Type.Object({
    project_id: ProjectId,
    database_name: Type.String({ pattern: "^[Gg][Aa][Uu][Ss][Ss][Dd][Bb]-[Mm][Yy][Ss][Qq][Ll]$" }),
  }),
  query: Type.Object({
    availability_zone_mode: Type.Enum(["single", "multi"]),
    version_name: Type.Optional(Text),
    spec_code: Type.Optional(Text),
  }),
  async handle({ query }, { inventory, region }) {
    const catalogue = catalogueOf(inventory);
    const wanted = catalogue.flavors.filter((one) => !query.spec_code || one.spec_code === query.spec_code);
    const known = !query.version_name || query.version_name.startsWith(VERSION);
    const flavors = (known ? wanted : []).map((one) => ({
      id: flavorId(one),
      spec_code: one.spec_code,
      type: one.type,
      vcpus: one.vcpus,
      ram: one.ram,
      version_name: VERSION,
      instance_mode: "Cluster",
      az_status: everywhere(zonesOf(catalogue, region)),
    }));
    return { body: { flavors } };
  },
});

export const showGaussMySqlProxyFlavors = operation({
  id: "ShowGaussMySqlProxyFlavors",
  method: "GET",
  path: "/v3/{project_id}/instances/{instance_id}/proxy/flavors",
  summary: "Lists the flavors of proxies that a database can have",
  action: "gaussdb:proxy:list",
  success: 200,
  params: InInstance,
  query: Type.Object({
    query_type: Type.Optional(Type.Enum(["create", "scale"])),
    proxy_id: Type.Optional(Text),
  }),
  async handle({ params, caller }, { lifecycle, inventory, region }) {
    await lifecycle.get(caller.tenant, INSTANCE, params.instance_id);
    const catalogue = catalogueOf(inventory);
    const view = (one: Flavor) => ({
      id: flavorId(one),
      spec_code: one.spec_code,
      vcpus: one.vcpus,
      ram: one.ram,
      db_type: "Proxy",
      az_status: everywhere(zonesOf(catalogue, region)),
    });
    const groups = Object.entries(Object.groupBy(catalogue.proxy_flavors, (one) => one.type.toUpperCase()));
    const body = groups.map(([type, flavors = []]) => ({ group_type: type, proxy_flavors: flavors.map(view) }));
    return { body: { proxy_flavor_groups: body } };
  },
});
