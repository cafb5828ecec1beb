import type { Accepting, Lifecycle, Resource } from "../../lifecycle/index.ts";
import { asBlocker, Blocked, NotFound, WrongState } from "../../lifecycle/index.ts";
import { INSTANCE, NODE, PROXY, WORKING } from "./kinds.ts";

/** A database with what lives in it, in order of creation. */
export interface Family {
  instance: Resource;
  nodes: Resource[];
  proxies: Resource[];
}

/** The families of these databases, in their order. */
export async function familiesOf(
  lifecycle: Lifecycle,
  tenant: string,
  instances: readonly Resource[],
): Promise<Family[]> {
  const children = await lifecycle.list({ kind: [NODE, PROXY], tenant, parents: instances.map((one) => one.id) });
  const among = Object.groupBy(children, (one) => String(one.parentId));
  return instances.map((instance) => {
    const mine = among[instance.id] ?? [];
    const of = (kind: string) => mine.filter((one) => one.kind === kind);
    return { instance, nodes: of(NODE), proxies: of(PROXY) };
  });
}

export async function readFamily(lifecycle: Lifecycle, tenant: string, id: string): Promise<Family> {
  const instance = await lifecycle.get(tenant, INSTANCE, id);
  const [family] = await familiesOf(lifecycle, tenant, [instance]);
  if (!family) throw new NotFound(INSTANCE, id);
  return family;
}

/** A child that is locked for the write. Another database's does not exist. */
export async function getChild(accepting: Accepting, instance: Resource, kind: string, id: string): Promise<Resource> {
  const child = await accepting.get(kind, id);
  if (child.parentId !== instance.id) throw new NotFound(kind, id);
  return child;
}

/** Refuses unless the database is up. */
export function mustServe(instance: Resource, verb: string): void {
  if (instance.state !== "ACTIVE") throw new WrongState(INSTANCE, instance.id, verb, instance.state, ["ACTIVE"]);
}

/** Refuses, naming all of them, while any of these children is being made or deleted. */
export function mustBeIdle(instance: Resource, verb: string, children: readonly Resource[]): void {
  const working = children.filter((one) => WORKING.has(one.state)).map(asBlocker);
  if (working.length > 0) throw new Blocked(INSTANCE, instance.id, verb, working);
}
