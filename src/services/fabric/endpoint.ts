import {
  asBlocker,
  changes,
  type Guard,
  type Kind,
  listUsers,
  makes,
  nothingInside,
  type Resource,
  type Step,
  unmakes,
  waitingForAll,
} from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";
import { FAILED_CODE } from "./choices.ts";
import { hasEnded, RUN } from "./run.ts";
import type { User } from "./users.ts";

export const ENDPOINT = "fabric.endpoint";

export const ENDPOINT_TYPES = [
  "service",
  "ray",
  "inference",
  "job",
  "ray_service",
  "sql",
  "container_job",
  "notebook",
] as const;

export interface Compute {
  spec_code: string;
  min: number;
  max: number;
}

/** What an update replaces. */
export interface EndpointVersion {
  description: string;
  /** The answer's own fields that follow from the request: reserved_resource, ray_resource, cap, ... */
  shown: Record<string, unknown>;
  /** What is set aside in the world. */
  compute: Compute;
}

export interface EndpointSpec extends EndpointVersion {
  type: (typeof ENDPOINT_TYPES)[number];
  owner: User;
  public_access: boolean;
  /** As it was before the last update. */
  previous?: EndpointVersion & { name: string };
}

const specOf = (resource: Resource) => resource.spec as unknown as EndpointSpec;
const reservation = (resource: Resource) => {
  const { spec_code, min, max } = specOf(resource).compute;
  return { flavor: spec_code, min, max };
};

/** Runs that go on. One that is being deleted ends by itself: the plan waits for it. */
const nothingRuns: Guard = async (tx, { id }) => {
  const users = await listUsers(tx, id);
  return users.filter((one) => one.kind === RUN && !hasEnded(one) && one.state !== "DELETING").map(asBlocker);
};

/** Waits for the runs that are being deleted, and says so when one cannot be. */
const runsGone: Step = {
  perform: async () => {},
  async probe({ resource, read }) {
    const runs = (await read((session) => listUsers(session, resource.id))).filter((one) => one.kind === RUN);
    const stuck = runs.find((one) => one.error?.verb === "delete");
    if (stuck?.error) {
      const { reason, owner, hint } = stuck.error;
      return {
        is: "refused",
        reason: `run ${stuck.id}: ${reason}`,
        owner,
        hint: `${hint}; then delete ${stuck.id} again`,
        on: [stuck.id],
      };
    }
    const left = runs.filter((one) => !hasEnded(one));
    if (left.length === 0) return { is: "done" };
    return { is: "not-yet", again: 1_000, ...waitingForAll(left) };
  },
};

/** A typed share of compute inside a workspace, which is its parent. */
export const endpointKind: Kind = {
  name: ENDPOINT,
  gone: "DELETED",
  verbs: {
    create: {
      from: [],
      during: "CREATING",
      then: "RUNNING",
      failed: "CREATE_FAILED",
      version: 1,
      plan: () => ["reserve"],
    },
    update: {
      from: ["RUNNING", "UPDATE_FAILED"],
      during: "UPDATING",
      then: "RUNNING",
      failed: "UPDATE_FAILED",
      version: 1,
      plan: () => ["resize"],
    },
    delete: {
      from: ["CREATING", "RUNNING", "CREATE_FAILED", "UPDATING", "UPDATE_FAILED", "DELETE_FAILED"],
      during: "DELETING",
      then: "DELETED",
      failed: "DELETE_FAILED",
      version: 1,
      aborts: ["create", "update"],
      guards: [nothingInside("fabric.instance"), nothingRuns],
      plan: () => ["runs-gone", "give-back"],
    },
  },
  steps: {
    reserve: makes({ domain: "inference", type: "reservation", spec: reservation }),
    resize: changes({ domain: "inference", type: "reservation", spec: reservation }),
    "runs-gone": runsGone,
    "give-back": unmakes("inference", "reservation"),
  },
};

/** As an item of a list. */
export function endpointBrief(resource: Resource): object {
  const { type, description, owner, shown } = specOf(resource);
  const { config: _, ...brief } = shown;
  return {
    visibility: "PRIVATE",
    id: resource.id,
    name: resource.name,
    type,
    status: resource.state,
    description,
    create_time: isoMillis(resource.createdAt),
    update_time: isoMillis(resource.updatedAt),
    owner,
    ...brief,
    ...(resource.error ? { error_code: FAILED_CODE, error_msg: resource.error.reason } : {}),
  };
}

/** As the answer of create, show and update. */
export function endpointDetail(resource: Resource, base: string): object {
  const { shown, public_access } = specOf(resource);
  const address = `${base}/v1/workspaces/${resource.parentId}/endpoints/${resource.id}`;
  return {
    ...endpointBrief(resource),
    urls: [{ name: "ApiInvoke", address, type: public_access ? "PUBLIC" : "PRIVATE" }],
    business_engine_instance_ids: [],
    runtime_env_type: "RELEASE",
    ...(shown.config ? { config: shown.config } : {}),
  };
}

/** The endpoint as it was before its last update; one that was never updated has only the one version. */
export function previousVersion(resource: Resource): Resource {
  const { previous } = specOf(resource);
  return previous ? { ...resource, name: previous.name, spec: { ...resource.spec, ...previous } } : resource;
}
