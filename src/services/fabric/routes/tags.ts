import { Type } from "typebox";
import { operation, pageByOffset } from "../../../wire/index.ts";
import { DEFAULT_LIMIT, Id, Limit, Offset, Tag, TagKey, TagValue } from "../schemas.ts";
import {
  matchesTags,
  mustBeFilter,
  mustNotTouchSystem,
  SYSTEM_KEY,
  systemTagsOf,
  taggedView,
  tagsOf,
  tagValues,
  withoutTags,
  withTags,
} from "../tags.ts";
import { WORKSPACE } from "../workspace.ts";

const TAGS_PAGE = 1000;
const TagLimit = Type.Optional(Type.Integer({ minimum: 1, maximum: TAGS_PAGE, default: TAGS_PAGE }));

const ProjectId = Type.String({ maxLength: 64 });
const Project = Type.Object({ project_id: ProjectId });
const Path = Type.Object({ project_id: ProjectId, workspace_id: Id });

const SysTag = Type.Object({ key: Type.Enum([SYSTEM_KEY]), value: Type.Optional(TagValue) });
const SysTags = Type.Optional(Type.Array(SysTag, { maxItems: 1 }));
/** Deleting does not look at the characters of what it is given. */
const Removed = Type.Object({
  key: Type.String({ minLength: 1, maxLength: 1024 }),
  value: Type.Optional(Type.String({ maxLength: 1024 })),
});

const VALUES = { maxItems: 20 };
const Filter = Type.Object({
  without_any_tag: Type.Optional(Type.Boolean()),
  tags: Type.Optional(
    Type.Array(Type.Object({ key: TagKey, values: Type.Optional(Type.Array(TagValue, VALUES)) }), VALUES),
  ),
  sys_tags: Type.Optional(
    Type.Array(Type.Object({ key: Type.Enum([SYSTEM_KEY]), values: Type.Optional(Type.Array(TagValue, VALUES)) }), {
      maxItems: 1,
    }),
  ),
  matches: Type.Optional(
    Type.Array(Type.Object({ key: Type.Enum(["resource_name"]), value: Type.String({ maxLength: 255 }) }), VALUES),
  ),
});

export const batchCreateFabricWorkspaceTags = operation({
  id: "BatchCreateFabricWorkspaceTags",
  method: "POST",
  path: "/v1/{project_id}/fabric-workspace/{workspace_id}/tags/create",
  summary: "Tags a workspace",
  action: "DataArtsFabric::tagResource",
  success: 204,
  params: Path,
  body: Type.Object({ tags: Type.Optional(Type.Array(Tag, { minItems: 1, maxItems: 20 })), sys_tags: SysTags }),
  async handle({ params, body, caller }, { lifecycle }) {
    mustNotTouchSystem(body.sys_tags, "change");
    await lifecycle.accept(caller, async (accepting) => {
      const workspace = await accepting.get(WORKSPACE, params.workspace_id);
      return accepting.change(workspace, { spec: { tags: withTags(tagsOf(workspace), body.tags ?? []) } });
    });
    return {};
  },
});

export const batchDeleteFabricWorkspaceTags = operation({
  id: "BatchDeleteFabricWorkspaceTags",
  method: "POST",
  path: "/v1/{project_id}/fabric-workspace/{workspace_id}/tags/delete",
  summary: "Takes tags off a workspace",
  action: "DataArtsFabric::unTagResource",
  success: 204,
  params: Path,
  body: Type.Object({
    tags: Type.Optional(Type.Array(Removed, { minItems: 1, maxItems: 20 })),
    sys_tags: Type.Optional(Type.Array(Type.Object({ key: Type.String({ minLength: 1 }) }), { maxItems: 1 })),
  }),
  async handle({ params, body, caller }, { lifecycle }) {
    mustNotTouchSystem(body.sys_tags, "delete");
    await lifecycle.accept(caller, async (accepting) => {
      const workspace = await accepting.get(WORKSPACE, params.workspace_id);
      return accepting.change(workspace, { spec: { tags: withoutTags(tagsOf(workspace), body.tags ?? []) } });
    });
    return {};
  },
});

export const listFabricWorkspaceTags = operation({
  id: "ListFabricWorkspaceTags",
  method: "GET",
  path: "/v1/{project_id}/fabric-workspace/{workspace_id}/tags",
  summary: "Lists the tags of a workspace",
  action: "DataArtsFabric::listTagsForResource",
  success: 200,
  params: Path,
  query: Type.Object({ offset: Offset, limit: TagLimit }),
  async handle({ params, query, caller }, { lifecycle }) {
    const workspace = await lifecycle.get(caller.tenant, WORKSPACE, params.workspace_id);
    const tags = pageByOffset(tagsOf(workspace), query.offset ?? 0, query.limit ?? TAGS_PAGE);
    return { body: { tags, sys_tags: systemTagsOf(workspace) } };
  },
});

export const listFabricProjectTags = operation({
  id: "ListFabricProjectTags",
  method: "GET",
  path: "/v1/{project_id}/fabric-workspace/tags",
  summary: "Lists the tags of all workspaces of the project",
  action: "DataArtsFabric::listTagsForResource",
  success: 200,
  params: Project,
  query: Type.Object({ use_predefine_tags: Type.Boolean(), offset: Offset, limit: TagLimit }),
  async handle({ query, caller }, { lifecycle }) {
    const all = tagValues(await lifecycle.list({ kind: WORKSPACE, tenant: caller.tenant }));
    return { body: { tags: pageByOffset(all, query.offset ?? 0, query.limit ?? TAGS_PAGE) } };
  },
});

export const listTagFabricWorkspaces = operation({
  id: "ListTagFabricWorkspaces",
  method: "POST",
  path: "/v1/{project_id}/fabric-workspace/resource-instances/filter",
  summary: "Lists the workspaces that have these tags",
  action: "DataArtsFabric::listResourcesByTag",
  success: 200,
  params: Project,
  query: Type.Object({ offset: Offset, limit: Limit }),
  body: Filter,
  emptyBody: {},
  async handle({ query, body, caller }, { lifecycle }) {
    mustBeFilter(body);
    const all = await lifecycle.list({ kind: WORKSPACE, tenant: caller.tenant });
    const matching = all.filter((one) => matchesTags(one, body));
    const page = pageByOffset(matching, query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    return { body: { resources: page.map(taggedView), total_count: matching.length } };
  },
});

export const countTagFabricWorkspaces = operation({
  id: "CountTagFabricWorkspaces",
  method: "POST",
  path: "/v1/{project_id}/fabric-workspace/resource-instances/count",
  summary: "Counts the workspaces that have these tags",
  action: "DataArtsFabric::listResourcesByTag",
  success: 200,
  params: Project,
  body: Filter,
  emptyBody: {},
  async handle({ body, caller }, { lifecycle }) {
    mustBeFilter(body);
    const all = await lifecycle.list({ kind: WORKSPACE, tenant: caller.tenant });
    return { body: { total_count: all.filter((one) => matchesTags(one, body)).length } };
  },
});
