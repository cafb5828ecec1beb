import { type Kind, makes, type Resource, refOf, type Step, unmakes, type Verb } from "../../lifecycle/index.ts";
import { type AutoStop, setTimer } from "./auto-stop.ts";
import type { Flavor, Profile } from "./catalogue.ts";
import { STAGE_DEADLINE_MS } from "./choices.ts";

export const NOTEBOOK = "modelarts.notebook";

export interface ObsStorage {
  type: "obs";
  location: { path: string };
}

/** Storage of the instance's own, in GB. It dies with the instance. */
export interface EvsStorage {
  type: "evs";
  location: { volume_size: number };
}

/** A dedicated pool; Ebb has none of its own, and keeps what the request says of one. */
export interface Pool {
  id: string;
  name?: string;
  type: string;
  owner: { project_id: string };
}

export interface NotebookSpec {
  description: string;
  /** As the catalogue had them when the notebook was created. */
  flavor: Flavor;
  profile: Profile;
  storage: ObsStorage | EvsStorage;
  extend_storage: object[] | null;
  auto_stop: AutoStop;
  annotations: Record<string, string>;
  workspace_id: string;
  pool: Pool | null;
  user: { id: string; name: string };
}

/** Of these, `url` and `token` are the running container's. */
export interface NotebookFacts extends Record<string, unknown> {
  url?: string;
  token?: string;
  /** The time from one start to the next stop: which operation began it, and when (ms since the epoch). */
  run?: { id: string; since: number };
  /** The timer of the run with this id, when `spec.auto_stop` has changed since that began. */
  timer?: { run: string; seconds: number | null };
}

const specOf = (notebook: Resource) => notebook.spec as unknown as NotebookSpec;

function containerOf(notebook: Resource) {
  const { flavor, profile, storage } = specOf(notebook);
  return {
    flavor: flavor.name,
    image: `atelier/${profile.image_name}:${profile.image_tag}`,
    volume: storage.type === "evs" ? refOf(notebook, "volume") : null,
    mount: storage.type === "obs" ? storage.location.path : null,
  };
}

const makeContainer = makes({
  domain: "notebooks",
  type: "container",
  spec: containerOf,
  facts: ({ url, token }) => ({ url, token }),
  deadlineMs: STAGE_DEADLINE_MS,
});

const runContainer: Step = {
  ...makeContainer,
  async probe(work) {
    const answer = await makeContainer.probe(work);
    if (answer.is !== "done") return answer;
    return { ...answer, facts: { ...answer.facts, run: { id: work.operation.id, since: work.now } } };
  },
};

const removeContainer = unmakes("notebooks", "container");

/** Ends in RUNNING. What a failed start has left behind goes first. */
const starting = {
  then: "RUNNING",
  failed: "START_FAILED",
  version: 1,
  plan: () => ["stop-container", "run-container"],
  after: setTimer,
} satisfies Partial<Verb>;

/**
 * A notebook: a container that a stop unmakes and a start makes again, and with EVS storage a volume, made once. Files in
 * OBS are the user's own: nothing of them is held.
 */
export const notebookKind: Kind = {
  name: NOTEBOOK,
  gone: "DELETED",
  verbs: {
    create: {
      from: [],
      during: "CREATING",
      then: "RUNNING",
      failed: "CREATE_FAILED",
      version: 1,
      plan: (notebook) => [...(specOf(notebook).storage.type === "evs" ? ["make-volume"] : []), "run-container"],
      after: setTimer,
    },
    start: { ...starting, from: ["STOPPED", "START_FAILED"], during: "STARTING" },
    restart: { ...starting, from: ["RUNNING"], during: "RESTARTING" },
    stop: {
      from: ["RUNNING", "UNAVAILABLE"],
      during: "STOPPING",
      then: "STOPPED",
      failed: "UNAVAILABLE",
      version: 1,
      plan: () => ["stop-container"],
    },
    delete: {
      from: ["STOPPED", "CREATE_FAILED", "START_FAILED", "UNAVAILABLE"],
      during: "DELETING",
      then: "DELETED",
      failed: "UNAVAILABLE",
      version: 1,
      plan: () => ["remove-container", "remove-volume"],
    },
  },
  steps: {
    "make-volume": makes({
      domain: "notebooks",
      type: "volume",
      spec: (notebook) => {
        const { storage } = specOf(notebook);
        return { sizeGb: storage.type === "evs" ? storage.location.volume_size : 0 };
      },
      deadlineMs: STAGE_DEADLINE_MS,
    }),
    "run-container": runContainer,
    "stop-container": { ...removeContainer, deadlineMs: STAGE_DEADLINE_MS },
    "remove-container": removeContainer,
    "remove-volume": unmakes("notebooks", "volume"),
  },
};
