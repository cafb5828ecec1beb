import type { Blocker, Guard } from "./kinds.ts";
import { listDescendants, listUsers, type Resource } from "./resources.ts";

export const asBlocker = ({ kind, id, name, state }: Resource): Blocker => ({ kind, id, name, state });

/** Refuses while anything of these kinds lives below the resource, at any depth; one that is being deleted still counts. */
export const nothingInside =
  (...kinds: readonly string[]): Guard =>
  async (tx, resource) =>
    (await listDescendants(tx, resource.id)).filter((one) => kinds.includes(one.kind)).map(asBlocker);

/** Refuses while a live resource is linked to this one. */
export const nobodyNeedsIt: Guard = async (tx, resource) => (await listUsers(tx, resource.id)).map(asBlocker);
