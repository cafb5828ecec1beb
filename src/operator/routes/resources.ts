import { Type } from "typebox";
import { findResource, NoSuch, type Resource, searchResources } from "../../lifecycle/index.ts";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { Id, Limit, MANY, Place, Word } from "../schemas.ts";

/** A resource as the operator sees it: whoever's it is, and whether or not it is still there. */
export function resourceView(one: Resource): object {
  return {
    id: one.id,
    kind: one.kind,
    tenant: one.tenant,
    parent_id: one.parentId,
    name: one.name,
    state: one.state,
    error: one.error,
    created_at: isoMillis(one.createdAt),
    updated_at: isoMillis(one.updatedAt),
    gone_at: one.goneAt === null ? null : isoMillis(one.goneAt),
  };
}

const Search = Type.Object(
  {
    tenant: Type.Optional(Id),
    kind: Type.Optional(Word),
    state: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    parent: Type.Optional(Id),
    gone: Type.Optional(Type.Boolean({ description: "Also those that are gone" })),
    limit: Limit,
    cursor: Place("`next` of the page before"),
  },
  { additionalProperties: false },
);

export const resourceRoutes = ({ store }: Desk): Operation[] => [
  operation({
    id: "ListResources",
    method: "GET",
    path: "/ebb/v1/resources",
    summary: "Resources, in order of creation",
    action: null,
    access: "operator",
    success: 200,
    query: Search,
    handle: async ({ query }) => {
      const { limit = MANY, parent: parentId, cursor: after, gone = false, tenant, kind, state } = query;
      const search = { tenant, kind, state, parentId, gone, after };
      const found = await store.read((session) => searchResources(session, search, limit + 1));
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return { body: { resources: page.map(resourceView), next: last ? String(last.seq) : null } };
    },
  }),
  operation({
    id: "ShowResource",
    method: "GET",
    path: "/ebb/v1/resources/{id}",
    summary: "A resource, also after it is gone",
    action: null,
    access: "operator",
    success: 200,
    params: Type.Object({ id: Id }),
    handle: async ({ params }) => {
      const found = await store.read((session) => findResource(session, params.id));
      if (!found) throw new NoSuch("resource", params.id);
      return { body: resourceView(found) };
    },
  }),
];
