import { type Accepting, listUsers, type Resource } from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";
import { FAILED_CODE } from "./choices.ts";
import { namesOnly, type User } from "./users.ts";

export const RUN = "fabric.job-run";

export const RUN_STATUSES = [
  "PENDING",
  "CREATING",
  "RUNNING",
  "UPDATING",
  "SUCCEEDED",
  "FAILED",
  "STOPPING",
  "STOPPED",
  "DELETING",
  "DELETED",
] as const;

export interface RunSpec {
  workspace_id: string;
  job: { id: string; version_id: string };
  endpoint_id: string;
  type: string;
  /** What is started, and on which compute. */
  entry: string;
  flavor: string;
  /** Runs of the job that go on at a time. */
  at_once: number;
  /** The run is stopped when it has worked this long; 0 for no end. */
  timeout_seconds: number;
  log_path: { type: "OBS" | "CONTAINER" | "LTS"; path: string }[];
  create_user: User;
}

export interface RunFacts {
  /** When it began to work, and when it ended (virtual ms). */
  started_at?: number;
  ended_at?: number;
  ended?: "succeeded" | "failed";
  why?: string;
  /** Nothing of it is left in the world. */
  collected?: boolean;
}

export const specOf = (run: Resource) => run.spec as unknown as RunSpec;
export const factsOf = (run: Resource): RunFacts => run.facts;

export const ENDED = ["SUCCEEDED", "FAILED", "STOPPED"];

/** It works no more: what is left is its record. */
export const hasEnded = ({ state }: Resource): boolean => ENDED.includes(state);

/** Ended, and nothing of it is left in the world. */
export const isCollected = (run: Resource): boolean => hasEnded(run) && factsOf(run).collected === true;

/** The runs on an endpoint, ended ones too. */
export const runsOn = async (accepting: Accepting, endpointId: string): Promise<Resource[]> =>
  (await listUsers(accepting.tx, endpointId)).filter((one) => one.kind === RUN);

/** How long the run has worked, in ms. */
export function workedFor(run: Resource, now: number): number {
  const { started_at, ended_at } = factsOf(run);
  return started_at === undefined ? 0 : Math.max(0, (ended_at ?? now) - started_at);
}

/** As an item of a list. */
export function runBrief(run: Resource, now: number): object {
  const { job, endpoint_id, type, create_user } = specOf(run);
  return {
    job,
    name: run.name,
    endpoint_id,
    id: run.id,
    create_time: isoMillis(run.createdAt),
    update_time: isoMillis(run.updatedAt),
    status: run.state,
    duration: Math.floor(workedFor(run, now) / 1000),
    type,
    create_user: namesOnly(create_user),
  };
}

/** As the answer of show. */
export function runDetail(run: Resource, now: number): object {
  const reason = run.error?.reason ?? factsOf(run).why;
  const failed = reason === undefined ? {} : { error_code: FAILED_CODE, error_msg: reason };
  return { ...runBrief(run, now), log_path: specOf(run).log_path, ...failed };
}
