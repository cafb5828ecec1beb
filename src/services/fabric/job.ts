import {
  asBlocker,
  childrenGone,
  type Guard,
  type Kind,
  listDescendants,
  listUsers,
  type Resource,
} from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";
import { hasEnded, isCollected, RUN } from "./run.ts";
import type { User } from "./users.ts";
import { passOn, recordKind, type Versioned, versionView } from "./versions.ts";

export const JOB = "fabric.job";
export const JOB_VERSION = "fabric.job-version";

export const JOB_TYPES = ["RAY_JOB", "PYTHON_JOB", "SPARK_JOB"] as const;

export interface JobSpec extends Versioned {
  description: string;
  type: (typeof JOB_TYPES)[number];
  current_endpoint_id: string | null;
  create_user: User;
  update_user: User;
  /** Set when it is deleted: an ended run has left something in the world, which goes first. */
  leftovers?: boolean;
}

const goesOn = (one: Resource) => one.kind === RUN && !hasEnded(one);
const noRunGoesOn: Guard = async (tx, job) => (await listDescendants(tx, job.id)).filter(goesOn).map(asBlocker);
const noRunNeedsIt: Guard = async (tx, version) => (await listUsers(tx, version.id)).filter(goesOn).map(asBlocker);

/** A definition in versions, with its runs: both are its children, and go with it once no run goes on. */
export const jobKind: Kind = {
  ...recordKind(JOB, {
    guards: [noRunGoesOn],
    cascade: [JOB_VERSION, RUN],
    writes: async (tx, job) => {
      const runs = (await listDescendants(tx, job.id)).filter((one) => one.kind === RUN);
      return { leftovers: runs.some((run) => hasEnded(run) && !isCollected(run)) };
    },
    plan: ({ spec }) => ((spec as unknown as JobSpec).leftovers ? ["runs-gone"] : []),
  }),
  steps: { "runs-gone": childrenGone(RUN) },
};

export const jobVersionKind = recordKind(JOB_VERSION, { guards: [noRunNeedsIt], after: passOn });

/** `current` is absent once all its versions are deleted. */
export function jobView(job: Resource, current: Resource | undefined): object {
  const { description, type, current_endpoint_id, create_user, update_user } = job.spec as unknown as JobSpec;
  return {
    visibility: "PRIVATE",
    id: job.id,
    name: job.name,
    description,
    workspace_id: job.parentId,
    type,
    create_time: isoMillis(job.createdAt),
    update_time: isoMillis(job.updatedAt),
    ...(current ? { current_version: versionView(current) } : {}),
    ...(current_endpoint_id === null ? {} : { current_endpoint_id }),
    create_user,
    update_user,
  };
}
