import type { Bmc } from "./bmc.ts";

/** A resource of the BMC as it came. */
export type Resource = Record<string, unknown>;

const asResource = (value: unknown): Resource | undefined =>
  typeof value === "object" && value !== null ? (value as Resource) : undefined;

/** The address that a link or a resource has. */
export function linkOf(value: unknown): string | undefined {
  const path = asResource(value)?.["@odata.id"];
  return typeof path === "string" ? path : undefined;
}

/** Where an action is asked for; undefined where the resource does not offer it. */
export function targetOf(resource: Resource, action: string): string | undefined {
  const target = asResource(asResource(resource.Actions)?.[action])?.target;
  return typeof target === "string" ? target : undefined;
}

/** The members of a collection, each read. */
export async function listOf(bmc: Bmc, path: string): Promise<Resource[]> {
  const { Members } = await bmc.get(path);
  const read: Resource[] = [];
  for (const one of Array.isArray(Members) ? Members : []) {
    const member = linkOf(one);
    if (member !== undefined) read.push(await bmc.get(member));
  }
  return read;
}
