import { type Static, Type } from "typebox";
import { type Accepting, type Resource, WrongState } from "../../../lifecycle/index.ts";
import { fuzzy, operation, pageByOffset, sortedBy } from "../../../wire/index.ts";
import { refused } from "../dialect.ts";
import { ENDPOINT, type EndpointSpec } from "../endpoint.ts";
import { getInside, readInside } from "../inside.ts";
import { INSTANCE, type InstanceSpec, instanceBrief, instanceDetail, isUpdatable, specOf } from "../instance.ts";
import { MODEL, MODEL_VERSION, modelPathOf } from "../model.ts";
import {
  DEFAULT_LIMIT,
  Description,
  Id,
  InstanceDemand,
  Limit,
  NamePart,
  nameUpTo,
  Offset,
  Order,
} from "../schemas.ts";
import { userOf } from "../users.ts";
import { versionOf } from "../versions.ts";
import { WORKSPACE } from "../workspace.ts";

const Workspace = Type.Object({ workspace_id: Id });
const Path = Type.Object({ workspace_id: Id, instance_id: Id });
const Source = Type.Object({ id: Id, version_id: Type.Optional(Id) });
const { min, max } = InstanceDemand.properties;

const Config = Type.Object({
  model_instance_config: Type.Optional(Type.Object({ resource: InstanceDemand })),
  pgsql_instance_config: Type.Optional(Type.Unknown()),
});
const ChangedConfig = Type.Object({
  model_instance_config: Type.Optional(Type.Object({ resource: Type.Object({ min, max }) })),
  pgsql_instance_config: Type.Optional(Type.Unknown()),
});

/** The version asked for, or the model's current one. */
async function sourceOf(
  accepting: Accepting,
  workspaceId: string,
  asked: Static<typeof Source>,
): Promise<Pick<InstanceSpec, "source" | "model_path">> {
  const model = await getInside(accepting, workspaceId, MODEL, asked.id);
  const version = await versionOf(accepting, model, MODEL_VERSION, asked.version_id);
  return { source: { id: model.id, version_id: version.id }, model_path: modelPathOf(version) };
}

/** The one type that is still served is a model's. */
function mustBeModel(config: Static<typeof ChangedConfig> | undefined): void {
  if (config?.pgsql_instance_config !== undefined) throw refused("PGSQL_SERVICE is retired: only models are deployed");
}

/** max >= min, and all instances of an endpoint together within the endpoint's own ceiling. */
async function mustFit(
  accepting: Accepting,
  endpoint: Resource,
  wanted: InstanceSpec["resource"],
  except?: string,
): Promise<void> {
  if (wanted.max < wanted.min) throw refused(`max ${wanted.max} is below min ${wanted.min}`);
  const ceiling = (endpoint.spec as unknown as EndpointSpec).compute.max;
  const others = (await accepting.list({ kind: INSTANCE, parents: [endpoint.id] })).filter((one) => one.id !== except);
  const taken = others.reduce((sum, one) => sum + specOf(one).resource.max, 0);
  if (taken + wanted.max > ceiling) {
    throw refused(`endpoint ${endpoint.id} has ${ceiling} units, ${taken} are taken and ${wanted.max} were asked for`);
  }
}

export const deployServiceInstance = operation({
  id: "DeployServiceInstance",
  method: "POST",
  path: "/v1/workspaces/{workspace_id}/services/instances",
  summary: "Starts serving a model on an inference endpoint",
  action: "DataArtsFabric:service:deploy",
  success: 200,
  params: Workspace,
  body: Type.Object({
    source: Source,
    name: nameUpTo(64),
    description: Type.Optional(Description),
    endpoint_id: Id,
    config: Type.Optional(Config),
  }),
  async handle({ params, body, caller, principal }, { lifecycle, ids }) {
    mustBeModel(body.config);
    const { resource: made } = await lifecycle.accept(caller, async (accepting) => {
      const endpoint = await getInside(accepting, params.workspace_id, ENDPOINT, body.endpoint_id);
      const { type, compute } = endpoint.spec as unknown as EndpointSpec;
      if (type !== "inference")
        throw refused(`endpoint ${endpoint.id} is of type ${type}: models are served on inference`);
      if (endpoint.state !== "RUNNING")
        throw new WrongState(ENDPOINT, endpoint.id, "deploy", endpoint.state, ["RUNNING"]);
      const wanted = body.config?.model_instance_config?.resource ?? { spec_code: compute.spec_code, min: 1, max: 1 };
      await mustFit(accepting, endpoint, wanted);
      const served = await sourceOf(accepting, params.workspace_id, body.source);
      const user = userOf(principal);
      const spec: InstanceSpec = {
        workspace_id: params.workspace_id,
        description: body.description ?? "",
        ...served,
        type: "LLM_MODEL",
        resource: wanted,
        create_user: user,
        update_user: user,
      };
      const links = [
        { target: served.source.id, role: "model" },
        { target: served.source.version_id, role: "version" },
      ];
      return accepting.create({ kind: INSTANCE, id: ids.uuid(), parentId: endpoint.id, name: body.name, spec, links });
    });
    return { body: { id: made.id } };
  },
});

export const listServicesInstances = operation({
  id: "ListServicesInstances",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/services/instances",
  summary: "Lists the service instances of a workspace",
  action: "DataArtsFabric:service:listInstance",
  success: 200,
  params: Workspace,
  query: Type.Object({
    offset: Offset,
    limit: Limit,
    id: Type.Optional(Id),
    name: NamePart,
    endpoint_id: Type.Optional(Id),
    source_id: Type.Optional(Id),
    version_id: Type.Optional(Id),
    type: Type.Optional(Type.Enum(["LLM_MODEL", "PGSQL_SERVICE"])),
    visibility: Type.Optional(Type.Enum(["PRIVATE", "PUBLIC", ""])),
    sort_by: Type.Optional(Type.Enum(["CREATE_TIME", "DURATION"])),
    order_by: Order,
  }),
  async handle({ params, query, caller: { tenant } }, { lifecycle, clock }) {
    await lifecycle.get(tenant, WORKSPACE, params.workspace_id);
    const ids = query.id ? { ids: [query.id] } : {};
    const parents = query.endpoint_id ? { parents: [query.endpoint_id] } : {};
    const all = await lifecycle.list({ kind: INSTANCE, tenant, ...ids, ...parents });
    const matching = all.filter((one) => {
      const { workspace_id, source, type } = specOf(one);
      if (workspace_id !== params.workspace_id || query.visibility === "PUBLIC") return false;
      if (query.source_id && source.id !== query.source_id) return false;
      if (query.version_id && source.version_id !== query.version_id) return false;
      return fuzzy(one.name, query.name) && (!query.type || type === query.type);
    });
    // The longest running is the oldest: sorting by duration is sorting by creation the other way round.
    const ascending = (query.order_by === "ASC") !== (query.sort_by === "DURATION");
    const sorted = sortedBy(matching, (one) => one.seq, ascending ? "asc" : "desc");
    const page = pageByOffset(sorted, query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    return { body: { total: matching.length, service_instances: page.map((one) => instanceBrief(one, clock.now())) } };
  },
});

export const showServiceInstanceDetail = operation({
  id: "ShowServiceInstanceDetail",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/services/instances/{instance_id}",
  summary: "Shows a service instance",
  action: "DataArtsFabric:service:showInstance",
  success: 200,
  params: Path,
  async handle({ params, caller, endpoint }, { lifecycle, clock }) {
    const found = await readInside(lifecycle, caller.tenant, params.workspace_id, INSTANCE, params.instance_id);
    return { body: instanceDetail(found, clock.now(), endpoint) };
  },
});

/** The page has both fields, and says that changing them is not supported. */
function mustStayServed(served: InstanceSpec["source"], asked: Static<typeof Source> | undefined): void {
  const same = !asked || (asked.id === served.id && (asked.version_id ?? served.version_id) === served.version_id);
  if (!same) throw refused("changing the model or its version is not supported");
}

export const updateServiceInstance = operation({
  id: "UpdateServiceInstance",
  method: "PUT",
  path: "/v1/workspaces/{workspace_id}/services/instances/{instance_id}",
  summary: "Starts changing a service instance",
  action: "DataArtsFabric:service:alterInstance",
  success: 202,
  params: Path,
  body: Type.Object({
    source: Type.Optional(Source),
    name: Type.Optional(nameUpTo(64)),
    description: Type.Optional(Description),
    config: Type.Optional(ChangedConfig),
  }),
  emptyBody: {},
  async handle({ params, body, caller, principal }, { lifecycle }) {
    mustBeModel(body.config);
    await lifecycle.accept(caller, async (accepting) => {
      const found = await getInside(accepting, params.workspace_id, INSTANCE, params.instance_id);
      if (!isUpdatable(found)) throw new WrongState(INSTANCE, found.id, "update", found.state, ["RUNNING"]);
      const { source, resource, description } = specOf(found);
      const wanted = body.config?.model_instance_config?.resource;
      mustStayServed(source, body.source);
      if (wanted && wanted.min !== resource.min) throw refused("changing the minimum is not supported");
      const compute = { ...resource, ...wanted };
      if (wanted) {
        const endpoint = await getInside(accepting, params.workspace_id, ENDPOINT, found.parentId ?? "");
        await mustFit(accepting, endpoint, compute, found.id);
      }
      const next = {
        description: body.description ?? description,
        resource: compute,
        update_user: userOf(principal),
      };
      const { resource: updating } = await accepting.submit("update", found, { spec: next });
      if (body.name !== undefined) await accepting.change(updating, { name: body.name });
    });
    return { body: { id: params.instance_id } };
  },
});

export const deleteServiceInstance = operation({
  id: "DeleteServiceInstance",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/services/instances/{instance_id}",
  summary: "Starts deleting a service instance",
  action: "DataArtsFabric:service:destroyInstance",
  success: 202,
  params: Path,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) =>
      accepting.submit("delete", await getInside(accepting, params.workspace_id, INSTANCE, params.instance_id)),
    );
    return {};
  },
});
