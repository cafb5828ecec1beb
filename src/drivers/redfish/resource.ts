import type { Bmc } from "./bmc.ts";

/** A BMC whose pages link in a ring is not followed for ever. */
const MOST_PAGES = 100;

/** A resource of the BMC as it came. */
export type Resource = Record<string, unknown>;

const asResource = (value: unknown): Resource | undefined =>
  typeof value === "object" && value !== null ? (value as Resource) : undefined;

/** The address that a link or a resource has. */
export function linkOf(value: unknown): string | undefined {
  const path = asResource(value)?.["@odata.id"];
  return typeof path === "string" ? path : undefined;
}

/** The addresses that a resource links under that name. */
export function linksOf(resource: Resource, name: string): string[] {
  const links = asResource(resource.Links)?.[name];
  return (Array.isArray(links) ? links : []).flatMap((one) => linkOf(one) ?? []);
}

/** Where an action is asked for; undefined where the resource does not offer it. */
export function targetOf(resource: Resource, action: string): string | undefined {
  const target = asResource(asResource(resource.Actions)?.[action])?.target;
  return typeof target === "string" ? target : undefined;
}

/** The addresses of a collection's members, over all its pages. One without a list is broken, not empty. */
export async function membersOf(bmc: Bmc, path: string): Promise<string[]> {
  const found: string[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const { Members, "Members@odata.nextLink": link }: Resource = await bmc.get(next);
    if (!Array.isArray(Members)) throw new Error(`the BMC lists nothing under ${next}, not even that it is empty`);
    found.push(...Members.flatMap((one) => linkOf(one) ?? []));
    next = typeof link === "string" ? link : undefined;
  }
  return found;
}

/** The members of a collection, each read. */
export async function listOf(bmc: Bmc, path: string): Promise<Resource[]> {
  const read: Resource[] = [];
  for (const member of await membersOf(bmc, path)) read.push(await bmc.get(member));
  return read;
}
