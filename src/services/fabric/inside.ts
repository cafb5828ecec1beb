import type { Accepting, Lifecycle, Resource } from "../../lifecycle/index.ts";
import { NotFound } from "../../lifecycle/index.ts";
import { WORKSPACE } from "./workspace.ts";

/** Something that must be in the workspace of the path: elsewhere it does not exist. What has another parent says where it is. */
function mustBeIn(workspaceId: string, resource: Resource): Resource {
  const { workspace_id = resource.parentId } = resource.spec as { workspace_id?: string };
  if (workspace_id !== workspaceId) throw new NotFound(resource.kind, resource.id);
  return resource;
}

/** A live resource inside the workspace, locked for the write. */
export async function getInside(
  accepting: Accepting,
  workspaceId: string,
  kind: string,
  id: string,
): Promise<Resource> {
  await accepting.get(WORKSPACE, workspaceId);
  const found = await accepting.get(kind, id);
  return mustBeIn(workspaceId, found);
}

/** The same, to read. */
export async function readInside(
  lifecycle: Lifecycle,
  tenant: string,
  workspaceId: string,
  kind: string,
  id: string,
): Promise<Resource> {
  await lifecycle.get(tenant, WORKSPACE, workspaceId);
  const found = await lifecycle.get(tenant, kind, id);
  return mustBeIn(workspaceId, found);
}
