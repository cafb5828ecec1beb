import type { Static } from "typebox";
import type { Principal } from "../../wire/index.ts";
import { autoStopOf } from "./auto-stop.ts";
import type { Catalogue, Flavor, Profile } from "./catalogue.ts";
import { DEFAULT_WORKSPACE, NO_PROFILE_CODE, NO_WORKSPACE_CODE, POOL_TYPE, VOLUME_GB, WORK_FOLDER } from "./choices.ts";
import { refused } from "./dialect.ts";
import type { NotebookSpec } from "./notebook.ts";
import type { CreateBody, ExtendStorage, Pool, Storage } from "./schemas.ts";

/** What a create asks for, checked against the catalogue in the order in which DevEnviron looks: values, path, timer. */
export function notebookSpec(body: CreateBody, catalogue: Catalogue, principal: Principal): NotebookSpec {
  const flavor = flavorOf(body.flavor, catalogue);
  const profile = profileOf(body.profile_id, catalogue, flavor);
  const { type } = body.spec.storage;
  if (!(flavor.storage_list as readonly string[]).includes(type)) throw refused("6324", type);
  const extend_storage = extendStorageOf(body.spec.extend_storage ?? [], body.pool);
  const workspace_id = workspaceOf(body.workspace?.id, catalogue);
  const storage = type === "evs" ? evsOf(body.spec.storage) : obsOf(body.spec.storage);
  return {
    description: body.description ?? "",
    flavor,
    profile,
    storage,
    extend_storage,
    auto_stop: autoStopOf(body.spec.auto_stop),
    annotations: body.spec.annotations ?? {},
    workspace_id,
    pool: body.pool ? poolOf(body.pool, principal) : null,
    user: { id: principal.userId, name: principal.userName },
  };
}

function flavorOf(name: string, { flavors }: Catalogue): Flavor {
  const flavor = flavors.find((one) => one.name === name);
  if (!flavor) throw refused("6323", name);
  return flavor;
}

function profileOf(id: string, { profiles }: Catalogue, flavor: Flavor): Profile {
  const profile = profiles.find((one) => one.id === id);
  if (!profile) throw refused(NO_PROFILE_CODE, "profile_id");
  if (!hardwareOf(profile, flavor)) throw refused("6330", id);
  return profile;
}

/** The flavor's hardware as the profile writes it: one says Ascend, the other ASCEND. */
export const hardwareOf = (profile: Profile, flavor: Flavor): string | undefined =>
  profile.flavor_types.find((type) => type.toUpperCase() === flavor.type);

function workspaceOf(id: string | undefined, { workspaces }: Catalogue): string {
  if (id !== undefined && id !== DEFAULT_WORKSPACE && !workspaces.includes(id)) throw refused(NO_WORKSPACE_CODE, id);
  return id ?? DEFAULT_WORKSPACE;
}

/** A parallel file system is for dedicated pools only. */
function extendStorageOf(asked: readonly Static<typeof ExtendStorage>[], pool: object | undefined): object[] | null {
  if (asked.length === 0) return null;
  const other = asked.find(({ type }) => type !== "obsfs" || !pool);
  if (other) throw refused("6324", `${other.type} in extend_storage${pool ? "" : " without a dedicated pool"}`);
  return asked.map(({ type, location: { path, mount_path = WORK_FOLDER, access_modes = "ReadWriteMany" } }) => ({
    type,
    location: { path, mount_path, access_modes },
  }));
}

function evsOf({ location }: Static<typeof Storage>): NotebookSpec["storage"] {
  const { least, most, fallback } = VOLUME_GB;
  const { volume_size = fallback } = location ?? {};
  if (volume_size < least || volume_size > most) throw refused("6331", `${least} to ${most} GB`);
  return { type: "evs", location: { volume_size } };
}

/** A folder in a bucket, with a slash at its end. */
function obsOf({ location }: Static<typeof Storage>): NotebookSpec["storage"] {
  const path = location?.path ?? "";
  if (!path.endsWith("/")) throw refused("6318");
  if (path.split("/").filter(Boolean).length < 2) throw refused("6358");
  return { type: "obs", location: { path } };
}

function poolOf({ id, name, type = POOL_TYPE }: Static<typeof Pool>, { project }: Principal): NotebookSpec["pool"] {
  return { id, ...(name === undefined ? {} : { name }), type, owner: { project_id: project?.id ?? "" } };
}
