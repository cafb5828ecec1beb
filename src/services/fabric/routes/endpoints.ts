import { Type } from "typebox";
import type { Lifecycle, Resource } from "../../../lifecycle/index.ts";
import { fuzzy, operation, pageByOffset } from "../../../wire/index.ts";
import { CREATE_ENDPOINT_STATUS } from "../choices.ts";
import {
  ENDPOINT,
  ENDPOINT_TYPES,
  type EndpointSpec,
  endpointBrief,
  endpointDetail,
  previousVersion,
} from "../endpoint.ts";
import { AtCreation, computeOf, Resizable, shownOf } from "../endpoint-asked.ts";
import { getInside, readInside } from "../inside.ts";
import { INSTANCE, servesModel } from "../instance.ts";
import { RUN, runsOn } from "../run.ts";
import { DEFAULT_LIMIT, Id, Limit, NamePart, nameUpTo, Offset, Visibility } from "../schemas.ts";
import { userOf } from "../users.ts";
import { WORKSPACE } from "../workspace.ts";

const Workspace = Type.Object({ workspace_id: Id });
const Path = Type.Object({ workspace_id: Id, endpoint_id: Id });
const EndpointType = Type.Enum([...ENDPOINT_TYPES]);

/** Ids of the endpoints on which a model is deployed. */
async function endpointsServing(lifecycle: Lifecycle, tenant: string, modelId: string): Promise<Set<string | null>> {
  const instances = await lifecycle.list({ kind: INSTANCE, tenant });
  return new Set(instances.filter((one) => servesModel(one, modelId)).map((one) => one.parentId));
}

const specOf = (one: Resource) => one.spec as unknown as EndpointSpec;

export const createEndpoint = operation({
  id: "CreateEndpoint",
  method: "POST",
  path: "/v1/workspaces/{workspace_id}/endpoints",
  summary: "Starts creating an endpoint",
  action: "DataArtsFabric:endpoint:create",
  success: CREATE_ENDPOINT_STATUS,
  params: Workspace,
  body: Type.Object({ name: nameUpTo(128), type: EndpointType, ...Resizable, ...AtCreation }),
  async handle({ params, body, caller, principal, endpoint }, { lifecycle, ids }) {
    const spec: EndpointSpec = {
      type: body.type,
      description: body.description ?? "",
      owner: userOf(principal),
      public_access: body.public_access ?? false,
      shown: shownOf(body),
      compute: computeOf(body),
    };
    const { resource: made } = await lifecycle.accept(caller, async (accepting) => {
      await accepting.get(WORKSPACE, params.workspace_id);
      return accepting.create({ kind: ENDPOINT, id: ids.uuid(), parentId: params.workspace_id, name: body.name, spec });
    });
    return { body: endpointDetail(made, endpoint) };
  },
});

export const listEndpoints = operation({
  id: "ListEndpoints",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/endpoints",
  summary: "Lists the endpoints of a workspace",
  action: "DataArtsFabric:endpoint:list",
  success: 200,
  params: Workspace,
  query: Type.Object({
    offset: Offset,
    limit: Limit,
    name: NamePart,
    endpoint_id: Type.Optional(Id),
    model_id: Type.Optional(Id),
    type: Type.Optional(EndpointType),
    visibility: Visibility,
  }),
  async handle({ params, query, caller: { tenant } }, { lifecycle }) {
    await lifecycle.get(tenant, WORKSPACE, params.workspace_id);
    const ids = query.endpoint_id ? { ids: [query.endpoint_id] } : {};
    const all = await lifecycle.list({ kind: ENDPOINT, tenant, parents: [params.workspace_id], ...ids });
    const serving = query.model_id && (await endpointsServing(lifecycle, tenant, query.model_id));
    const matching = all.filter((one) => {
      if (query.visibility === "PUBLIC" || (serving && !serving.has(one.id))) return false;
      return fuzzy(one.name, query.name) && (!query.type || specOf(one).type === query.type);
    });
    const page = pageByOffset(matching, query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    return { body: { total: matching.length, endpoints: page.map(endpointBrief) } };
  },
});

export const showEndpoint = operation({
  id: "ShowEndpoint",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/endpoints/{endpoint_id}",
  summary: "Shows an endpoint",
  action: "DataArtsFabric:endpoint:show",
  success: 200,
  params: Path,
  query: Type.Object({ version: Type.Optional(Type.Enum(["CURRENT", "PREVIOUS"])) }),
  async handle({ params, query, caller, endpoint }, { lifecycle }) {
    const found = await readInside(lifecycle, caller.tenant, params.workspace_id, ENDPOINT, params.endpoint_id);
    return { body: endpointDetail(query.version === "PREVIOUS" ? previousVersion(found) : found, endpoint) };
  },
});

export const updateEndpoint = operation({
  id: "UpdateEndpoint",
  method: "PUT",
  path: "/v1/workspaces/{workspace_id}/endpoints/{endpoint_id}",
  summary: "Starts changing an endpoint",
  action: "DataArtsFabric:endpoint:alter",
  success: 202,
  params: Path,
  body: Type.Object({ name: Type.Optional(nameUpTo(128)), ...Resizable }),
  emptyBody: {},
  async handle({ params, body, caller, endpoint }, { lifecycle }) {
    const updated = await lifecycle.accept(caller, async (accepting) => {
      const found = await getInside(accepting, params.workspace_id, ENDPOINT, params.endpoint_id);
      const { description, shown, compute } = specOf(found);
      const next: Partial<EndpointSpec> = {
        description: body.description ?? description,
        shown: { ...shown, ...shownOf(body) },
        compute: body.reserved_resource || body.ray_resource ? computeOf(body) : compute,
        previous: { name: found.name, description, shown, compute },
      };
      const { resource: updating } = await accepting.submit("update", found, { spec: next });
      return body.name === undefined ? updating : accepting.change(updating, { name: body.name });
    });
    return { body: endpointDetail(updated, endpoint) };
  },
});

export const deleteEndpoint = operation({
  id: "DeleteEndpoint",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/endpoints/{endpoint_id}",
  summary: "Starts deleting an endpoint that nothing uses",
  action: "DataArtsFabric:endpoint:drop",
  success: 202,
  params: Path,
  query: Type.Object({ is_delete_app_instance: Type.Optional(Type.Boolean()) }),
  async handle({ params, query, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) => {
      const found = await getInside(accepting, params.workspace_id, ENDPOINT, params.endpoint_id);
      if (query.is_delete_app_instance && specOf(found).type === "ray") {
        for (const run of await runsOn(accepting, found.id)) {
          await accepting.submit("delete", await accepting.get(RUN, run.id));
        }
      }
      return accepting.submit("delete", found);
    });
    return { body: { id: params.endpoint_id } };
  },
});
