import { Type } from "typebox";
import { fuzzy, operation, pageByOffset } from "../../../wire/index.ts";
import { TAGS_MOST, WORKSPACES_MOST } from "../choices.ts";
import { refused } from "../dialect.ts";
import { DEFAULT_LIMIT, Id, Limit, NamePart, Offset, Tag, WorkspaceName } from "../schemas.ts";
import { mustDiffer } from "../tags.ts";
import { WORKSPACE, type WorkspaceSpec, workspaceView } from "../workspace.ts";

const Path = Type.Object({ workspace_id: Id });
const Description = Type.String({ maxLength: 255 });
const MetastoreId = Type.String({ pattern: "^([A-Za-z0-9-]{32,36})?$" });
/** Samples show a number as well as a string. */
const EnterpriseProject = Type.Union([Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" }), Type.Integer()]);

export const createWorkspace = operation({
  id: "CreateWorkspace",
  method: "POST",
  path: "/v1/workspaces",
  summary: "Creates a workspace",
  action: "DataArtsFabric:workspace:create",
  success: 200,
  body: Type.Object({
    name: WorkspaceName,
    description: Type.Optional(Description),
    metastore_id: Type.Optional(MetastoreId),
    enterprise_project_id: Type.Optional(EnterpriseProject),
    tags: Type.Optional(Type.Array(Tag, { maxItems: TAGS_MOST })),
  }),
  async handle({ body, caller, principal, endpoint }, { lifecycle, ids }) {
    mustDiffer(body.tags ?? []);
    const spec: WorkspaceSpec = {
      description: body.description ?? "",
      metastore_id: body.metastore_id ?? "",
      enterprise_project_id: String(body.enterprise_project_id ?? "0"),
      tags: (body.tags ?? []).map(({ key, value = "" }) => ({ key, value })),
      create_domain_name: principal.domainName,
      create_user_name: principal.userName,
    };
    const { resource } = await lifecycle.accept(caller, async (accepting) => {
      await accepting.alone(WORKSPACE);
      const existing = await accepting.list({ kind: WORKSPACE });
      if (existing.length >= WORKSPACES_MOST)
        throw refused(`the project has ${existing.length} workspaces, which is all it may have`);
      return accepting.create({ kind: WORKSPACE, id: ids.uuid(), name: body.name, unique: true, spec });
    });
    return { body: workspaceView(resource, endpoint) };
  },
});

export const listWorkspaces = operation({
  id: "ListWorkspaces",
  method: "GET",
  path: "/v1/workspaces",
  summary: "Lists workspaces",
  action: "DataArtsFabric:workspace:list",
  success: 200,
  query: Type.Object({
    offset: Offset,
    limit: Limit,
    name: NamePart,
    id: Type.Optional(Id),
    enterprise_project_id: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" })),
  }),
  async handle({ query, caller, endpoint }, { lifecycle }) {
    const all = await lifecycle.list({
      kind: WORKSPACE,
      tenant: caller.tenant,
      ...(query.id ? { ids: [query.id] } : {}),
    });
    const { enterprise_project_id: project = "all_granted_eps" } = query;
    const matching = all.filter(
      (one) =>
        fuzzy(one.name, query.name) && (project === "all_granted_eps" || one.spec.enterprise_project_id === project),
    );
    const page = pageByOffset(matching, query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    return { body: { total: matching.length, workspaces: page.map((one) => workspaceView(one, endpoint)) } };
  },
});

export const updateWorkspace = operation({
  id: "UpdateWorkspace",
  method: "PUT",
  path: "/v1/workspaces/{workspace_id}",
  summary: "Changes a workspace's name, description or metastore",
  action: "DataArtsFabric:workspace:alter",
  success: 200,
  params: Path,
  body: Type.Object({
    name: Type.Optional(WorkspaceName),
    description: Type.Optional(Description),
    metastore_id: Type.Optional(MetastoreId),
  }),
  emptyBody: {},
  async handle({ params, body, caller, endpoint }, { lifecycle }) {
    const { name, ...spec } = body;
    const changed = await lifecycle.accept(caller, async (accepting) =>
      accepting.change(await accepting.get(WORKSPACE, params.workspace_id), { name, spec }),
    );
    return { body: workspaceView(changed, endpoint) };
  },
});

export const deleteWorkspace = operation({
  id: "DeleteWorkspace",
  method: "DELETE",
  path: "/v1/workspaces/{workspace_id}",
  summary: "Deletes an empty workspace",
  action: "DataArtsFabric:workspace:drop",
  success: 200,
  params: Path,
  async handle({ params, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) =>
      accepting.submit("delete", await accepting.get(WORKSPACE, params.workspace_id)),
    );
    return {};
  },
});
