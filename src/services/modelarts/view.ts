import type { Resource, ResourceError } from "../../lifecycle/index.ts";
import { hardwareOf } from "./asked.ts";
import { stopsAt } from "./auto-stop.ts";
import type { Flavor, Profile } from "./catalogue.ts";
import { AI_PROJECT, ERROR_CODE_OF_FAILED, FAILED_CODES, TARGET_DOMAIN, WORK_FOLDER } from "./choices.ts";
import { textOf, wireCode } from "./codes.ts";
import type { NotebookFacts, NotebookSpec } from "./notebook.ts";

/** What a view needs beside the notebook. */
export interface Seen {
  /** Virtual time, ms since the epoch. */
  now: number;
  /** Names of the flavors that have no room left. */
  soldOut: ReadonlySet<string>;
}

/** A notebook as create, show, modify and list answer it. */
export function notebookView(notebook: Resource, seen: Seen): object {
  const { description, flavor, profile, workspace_id, pool, user } = notebook.spec as unknown as NotebookSpec;
  const failed = failedReasons(notebook.error, flavor);
  return {
    id: notebook.id,
    name: notebook.name,
    description,
    status: notebook.state,
    creation_timestamp: String(notebook.createdAt),
    latest_update_timestamp: String(notebook.updatedAt),
    flavor: flavor.name,
    flavor_details: flavorView(flavor, seen),
    profile: profileView(profile, flavor),
    ...(pool ? { pool } : {}),
    spec: specView(notebook, failed, seen),
    workspace: { id: workspace_id },
    ai_project: { id: AI_PROJECT },
    user,
    ...(failed && ERROR_CODE_OF_FAILED ? { error_code: failed.code } : {}),
  };
}

function flavorView({ name, type, params, storage_list }: Flavor, { soldOut }: Seen): object {
  return { name, type, status: soldOut.has(name) ? "soldOut" : "onSale", params, storage_list };
}

function profileView(profile: Profile, flavor: Flavor): object {
  const { id, description, category, image_name, image_tag } = profile;
  return {
    id,
    name: id,
    description,
    de_type: "Notebook",
    flavor_type: hardwareOf(profile, flavor),
    provision: {
      type: "Docker",
      annotations: { category, type: "system" },
      spec: { engine: "CCE", params: { namespace: "atelier", image_name, image_tag, annotations: null } },
    },
  };
}

/** What samples send as null is sent as null; the other optional objects are left out. */
function specView(notebook: Resource, failed: FailedReasons | null, { now }: Seen): object {
  const { storage, extend_storage, auto_stop, annotations } = notebook.spec as unknown as NotebookSpec;
  const { url } = notebook.facts as NotebookFacts;
  const running = notebook.state === "RUNNING";
  return {
    storage: storageView(storage),
    extend_storage,
    auto_stop: { ...auto_stop, ...(running ? timerView(notebook, now) : {}) },
    annotations: { ...annotations, target_domain: TARGET_DOMAIN, url: running ? (url ?? "") : "" },
    failed_reasons: failed,
    repository: null,
    extend_params: null,
  };
}

function storageView({ type, location }: NotebookSpec["storage"]): object {
  return type === "obs"
    ? { type, location }
    : { type, location: { path: WORK_FOLDER, ...location, volume_unit: "GB" } };
}

function timerView(notebook: Resource, now: number): object {
  const at = stopsAt(notebook);
  return at === null ? {} : { stop_timestamp: at, remain_time: Math.max(0, Math.ceil((at - now) / 1000)) };
}

interface FailedReasons {
  code: string;
  message: string;
  detail: Record<string, string>;
}

/** Why the notebook stands where it does. What the caller can change by asking for less is the world having no room. */
function failedReasons(error: ResourceError | null, flavor: Flavor): FailedReasons | null {
  if (!error) return null;
  const { step, reason, owner, hint } = error;
  const full = owner === "the caller";
  const { noVolume, noContainer, other } = FAILED_CODES;
  const code = !full ? other : step === "make-volume" ? noVolume : noContainer;
  const about = code === noContainer ? flavor.name : reason;
  return { code: wireCode(code), message: textOf(code, about), detail: { step, reason, hint } };
}
