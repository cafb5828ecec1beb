import { Type } from "typebox";
import { findResource, NoSuch, type Resource } from "../../lifecycle/index.ts";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { Id } from "../schemas.ts";

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

export const resourceRoutes = ({ store }: Desk): Operation[] => [
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
