import { Type } from "typebox";
import { type Accepting, NameTaken } from "../../../lifecycle/index.ts";
import { fuzzy, operation, pageByOffset } from "../../../wire/index.ts";
import { getInside, readInside } from "../inside.ts";
import { SortBy, sortedAs } from "../listing.ts";
import { MODEL, MODEL_VERSION, type ModelSpec, modelView } from "../model.ts";
import { DEFAULT_LIMIT, Description, Id, Limit, NamePart, nameUpTo, Offset, Order, Visibility } from "../schemas.ts";
import { userOf } from "../users.ts";
import { addVersion, currentVersions, listVersions, VersionsQuery, versionOf } from "../versions.ts";
import { WORKSPACE } from "../workspace.ts";

const Workspace = Type.Object({ workspace_id: Id });
const Path = Type.Object({ workspace_id: Id, model_id: Id });
const Version = Type.Object({
  name: nameUpTo(64),
  description: Type.Optional(Description),
  config: Type.Optional(
    Type.Object({
      llm_model_config: Type.Object({
        base_model_type: Type.String({ minLength: 1, maxLength: 64 }),
        model_path: Type.String({ minLength: 1, maxLength: 1024 }),
      }),
    }),
  ),
});

/** A name is one model's in its workspace, whose row is locked meanwhile. */
async function mustBeFree(accepting: Accepting, workspaceId: string, name: string, except?: string): Promise<void> {
  const models = await accepting.list({ kind: MODEL, parents: [workspaceId] });
  if (models.some((one) => one.name === name && one.id !== except)) throw new NameTaken(MODEL, name);
}

export const createModelDefinition = operation({
  id: "CreateModelDefinition",
  method: "POST",
  path: "/v1/workspaces/{workspace_id}/models",
  summary: "Creates a model with its first version",
  action: "DataArtsFabric:model:create",
  success: 200,
  params: Workspace,
  body: Type.Object({
    name: nameUpTo(64),
    description: Type.Optional(Description),
    type: Type.Enum(["LLM_MODEL"]),
    version: Version,
  }),
  async handle({ params, body, caller, principal }, { lifecycle, ids }) {
    const user = userOf(principal);
    const about = { description: body.description ?? "", type: body.type, create_user: user, update_user: user };
    const spec: ModelSpec = { ...about, current_version_id: null };
    return lifecycle.accept(caller, async (accepting) => {
      await accepting.get(WORKSPACE, params.workspace_id);
      await mustBeFree(accepting, params.workspace_id, body.name);
      const birth = { kind: MODEL, id: ids.uuid(), parentId: params.workspace_id, name: body.name, spec };
      const { resource: model } = await accepting.create(birth);
      const version = await addVersion(accepting, model, MODEL_VERSION, ids, body.version, user);
      await accepting.change(model, { spec: { current_version_id: version.id } });
      return { body: { id: model.id, version_id: version.id } };
    });
  },
});

export const listModels = operation({
  id: "ListModels",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/models",
  summary: "Lists the models of a workspace",
  action: "DataArtsFabric:model:list",
  success: 200,
  params: Workspace,
  query: Type.Object({
    offset: Offset,
    limit: Limit,
    name: NamePart,
    id: Type.Optional(Id),
    type: Type.Optional(Type.Enum(["LLM_MODEL"])),
    visibility: Visibility,
    sort_by: SortBy,
    order_by: Order,
  }),
  async handle({ params, query, caller: { tenant } }, { lifecycle }) {
    await lifecycle.get(tenant, WORKSPACE, params.workspace_id);
    const ids = query.id ? { ids: [query.id] } : {};
    const all = await lifecycle.list({ kind: MODEL, tenant, parents: [params.workspace_id], ...ids });
    const matching = all.filter((one) => query.visibility !== "PUBLIC" && fuzzy(one.name, query.name));
    const page = pageByOffset(sortedAs(matching, query), query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    const current = await currentVersions(lifecycle, tenant, MODEL_VERSION, page);
    const models = page.map((one) => modelView(one, current.get(String(one.spec.current_version_id))));
    return { body: { total: matching.length, models } };
  },
});

export const updateModelDefinition = operation({
  id: "UpdateModelDefinition",
  method: "PUT",
  path: "/v1/workspaces/{workspace_id}/models/{model_id}",
  summary: "Changes a model, or adds a version to it",
  action: "DataArtsFabric:model:alter",
  success: 200,
  params: Path,
  body: Type.Object({
    name: Type.Optional(nameUpTo(64)),
    description: Type.Optional(Description),
    current_version_id: Type.Optional(Id),
    version: Type.Optional(Version),
  }),
  emptyBody: {},
  async handle({ params, body, caller, principal }, { lifecycle, ids }) {
    const user = userOf(principal);
    return lifecycle.accept(caller, async (accepting) => {
      const model = await getInside(accepting, params.workspace_id, MODEL, params.model_id);
      if (body.name !== undefined) await mustBeFree(accepting, params.workspace_id, body.name, model.id);
      const added = body.version && (await addVersion(accepting, model, MODEL_VERSION, ids, body.version, user));
      const asked = body.current_version_id ?? added?.id;
      const current = asked && (await versionOf(accepting, model, MODEL_VERSION, asked));
      const spec = {
        update_user: user,
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(current ? { current_version_id: current.id } : {}),
      };
      const changed = await accepting.change(model, { spec, ...(body.name === undefined ? {} : { name: body.name }) });
      const id = (changed.spec as unknown as ModelSpec).current_version_id;
      const shown = id === null ? undefined : await versionOf(accepting, changed, MODEL_VERSION);
      return { body: modelView(changed, shown) };
    });
  },
});

export const cleanupModel = operation({
  id: "CleanupModel",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/models/{model_id}",
  summary: "Deletes a model, with its versions, that no instance serves",
  action: "DataArtsFabric:model:drop",
  success: 200,
  params: Path,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) =>
      accepting.submit("delete", await getInside(accepting, params.workspace_id, MODEL, params.model_id)),
    );
    return {};
  },
});

export const listModelVersions = operation({
  id: "ListModelVersions",
  method: "GET",
  path: "/v1/workspaces/{workspace_id}/models/{model_id}/versions",
  summary: "Lists the versions of a model",
  action: "DataArtsFabric:model:list",
  success: 200,
  params: Path,
  query: VersionsQuery,
  async handle({ params, query, caller: { tenant } }, { lifecycle }) {
    const model = await readInside(lifecycle, tenant, params.workspace_id, MODEL, params.model_id);
    return { body: await listVersions(lifecycle, model, MODEL_VERSION, query) };
  },
});

export const deleteModelVersion = operation({
  id: "DeleteModelVersion",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}/models/{model_id}/versions/{version_id}",
  summary: "Deletes a version that no instance serves",
  action: "DataArtsFabric:model:drop",
  success: 202,
  params: Type.Object({ workspace_id: Id, model_id: Id, version_id: Id }),
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) => {
      const model = await getInside(accepting, params.workspace_id, MODEL, params.model_id);
      await accepting.submit("delete", await versionOf(accepting, model, MODEL_VERSION, params.version_id));
    });
    return {};
  },
});
