import { type Static, Type } from "typebox";
import type { Ids } from "../../ids.ts";
import {
  type Accepting,
  findResource,
  type Guard,
  type Kind,
  type Lifecycle,
  listResources,
  NotFound,
  type Resource,
  type Verb,
} from "../../lifecycle/index.ts";
import { fuzzy, isoMillis, pageByOffset } from "../../wire/index.ts";
import { refused } from "./dialect.ts";
import { sortedAs } from "./listing.ts";
import { DEFAULT_LIMIT, Id, Limit, NamePart, Offset } from "./schemas.ts";
import type { User } from "./users.ts";

/** What a request says of a version. */
export interface VersionInput {
  name: string;
  description?: string;
  config?: object;
  [more: string]: unknown;
}

export interface VersionSpec extends Omit<VersionInput, "name"> {
  create_user: User;
}

/** Of a definition in versions (a model or a job), in its spec. */
export interface Versioned {
  /** Null once all versions are deleted. */
  current_version_id: string | null;
}

const create: Verb = {
  from: [],
  during: "CREATING",
  then: "ACTIVE",
  failed: "ACTIVE",
  version: 1,
  plan: () => [],
};

/** A kind that is only a record: it comes and goes within the request. Its kinds of children go with it. */
export function recordKind(name: string, remove: { guards: readonly Guard[] } & Partial<Verb>): Kind {
  const common = { from: ["ACTIVE"], during: "DELETING", then: "DELETED", failed: "ACTIVE", version: 1 };
  return {
    name,
    gone: "DELETED",
    verbs: { create, delete: { ...common, plan: () => [], ...remove } },
    steps: {},
  };
}

/** The version asked for, or the definition's current one, locked for the write. */
export async function versionOf(
  accepting: Accepting,
  definition: Resource,
  kind: string,
  asked?: string,
): Promise<Resource> {
  const id = asked ?? (definition.spec as unknown as Versioned).current_version_id;
  if (id === null) throw refused(`${definition.name} has no version left`);
  const version = await accepting.get(kind, id);
  if (version.parentId !== definition.id) throw new NotFound(kind, id);
  return version;
}

/** Adds a version and makes it the current one. */
export async function addVersion(
  accepting: Accepting,
  definition: Resource,
  kind: string,
  ids: Ids,
  { name, ...input }: VersionInput,
  user: User,
): Promise<Resource> {
  const spec: VersionSpec = { ...input, create_user: user };
  const { resource } = await accepting.create({ kind, id: ids.uuid(), parentId: definition.id, name, spec });
  return resource;
}

/** When the version that is gone was the current one, the latest that is left takes its place. */
export const passOn: Verb["after"] = async (effects, { id, kind, parentId }) => {
  const definition = await findResource(effects.tx, String(parentId));
  if (definition?.state !== "ACTIVE" || definition.spec.current_version_id !== id) return;
  const left = await listResources(effects.tx, { kind, parents: [String(parentId)] });
  await effects.note(String(parentId), { current_version_id: left.at(-1)?.id ?? null });
};

/** The current versions of these definitions, by id. */
export async function currentVersions(
  lifecycle: Lifecycle,
  tenant: string,
  kind: string,
  definitions: readonly Resource[],
): Promise<Map<string, Resource>> {
  const ids = definitions.flatMap((one) => (one.spec as unknown as Versioned).current_version_id ?? []);
  const versions = await lifecycle.list({ kind, tenant, ids });
  return new Map(versions.map((version) => [version.id, version]));
}

/** What can be asked for in a list of versions. */
export const VersionsQuery = Type.Object({
  offset: Offset,
  limit: Limit,
  version_id: Type.Optional(Id),
  name: NamePart,
});

/** A page of a definition's versions, newest first. */
export async function listVersions(
  lifecycle: Lifecycle,
  { id, tenant }: Resource,
  kind: string,
  { version_id, name, offset = 0, limit = DEFAULT_LIMIT }: Static<typeof VersionsQuery>,
): Promise<object> {
  const all = await lifecycle.list({ kind, tenant, parents: [id], ...(version_id ? { ids: [version_id] } : {}) });
  const matching = sortedAs(
    all.filter((one) => fuzzy(one.name, name)),
    {},
  );
  return { total: matching.length, versions: pageByOffset(matching, offset, limit).map(versionView) };
}

export function versionView({ id, name, spec, createdAt }: Resource): object {
  const { description = "", create_user, ...rest } = spec as unknown as VersionSpec;
  return { id, name, description, ...rest, create_time: isoMillis(createdAt), create_user };
}
