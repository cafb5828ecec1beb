import type { Accepting, Lifecycle, Resource } from "../../lifecycle/index.ts";
import { NotFound } from "../../lifecycle/index.ts";
import { WORKSPACE } from "./workspace.ts";

/** Something that must be in the workspace of the path: elsewhere it does not exist. */
export function mustBeIn(workspaceId: string, resource: Resource, placed: string | null): Resource {
  if (placed !== workspaceId) throw new NotFound(resource.kind, resource.id);
  return resource;
}

/** A live resource right inside the workspace, locked for the write. */
export async function getInside(
  accepting: Accepting,
  workspaceId: string,
  kind: string,
  id: string,
): Promise<Resource> {
  await accepting.get(WORKSPACE, workspaceId);
  const found = await accepting.get(kind, id);
  return mustBeIn(workspaceId, found, found.parentId);
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
  return mustBeIn(workspaceId, found, found.parentId);
}
