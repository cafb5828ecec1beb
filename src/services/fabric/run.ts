import {
  type Accepting,
  type Kind,
  listDescendants,
  listUsers,
  makes,
  type Resource,
  refOf,
  type Step,
  stampOf,
  unmakes,
  type Work,
} from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";
import { FAILED_CODE, TURN_LOOK_MS } from "./choices.ts";
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

const specOf = (run: Resource) => run.spec as unknown as RunSpec;
const factsOf = (run: Resource): RunFacts => run.facts;

const ENDED = ["SUCCEEDED", "FAILED", "STOPPED"];

/** It works no more: what is left is its record. */
export const hasEnded = ({ state }: Resource): boolean => ENDED.includes(state);

/** Ended, and nothing of it is left in the world. */
export const isCollected = (run: Resource): boolean => hasEnded(run) && factsOf(run).collected === true;

/** The runs on an endpoint, ended ones too. */
export const runsOn = async (accepting: Accepting, endpointId: string): Promise<Resource[]> =>
  (await listUsers(accepting.tx, endpointId)).filter((one) => one.kind === RUN);

/** Adds to what a step learns. */
const noting = (step: Step, note: (work: Work) => RunFacts): Step => ({
  ...step,
  async probe(work) {
    const answer = await step.probe(work);
    const over = answer.is === "done" || answer.is === "gone";
    return over ? { ...answer, facts: { ...answer.facts, ...note(work) } } : answer;
  },
});

/** Waits until fewer of the job's earlier runs go on than may at a time. */
const takeTurn: Step = {
  perform: async () => {},
  async probe({ resource, read }) {
    const siblings = await read((session) => listDescendants(session, resource.parentId ?? ""));
    const before = siblings.filter((one) => one.kind === RUN && one.seq < resource.seq && !hasEnded(one));
    if (before.length < specOf(resource).at_once) return { is: "done" };
    return { is: "not-yet", again: TURN_LOOK_MS, waitingFor: before.map((one) => `run ${one.id}`).join(", ") };
  },
};

/** Sets the run going, once, and waits for its end, or for its time to be over. */
const work: Step = {
  async perform(at) {
    const ref = refOf(at.resource, "run");
    const look = await at.drivers.inference.look("run", ref);
    const waiting = look.is === "ready" && look.facts.ended === null;
    if (waiting) await at.drivers.inference.change("run", ref, { going: true }, stampOf(at));
  },
  async probe({ resource, drivers, now }) {
    const { timeout_seconds } = specOf(resource);
    const over = timeout_seconds > 0 ? (factsOf(resource).started_at ?? now) + timeout_seconds * 1000 : Infinity;
    if (now >= over) return { is: "done", facts: ended(now, "failed", `not done after ${timeout_seconds} s`) };
    const ref = refOf(resource, "run");
    const look = await drivers.inference.look("run", ref);
    if (look.is === "absent") return { is: "done", facts: ended(now, "failed", `${ref} is no longer in the world`) };
    if (look.is === "broken") return { is: "done", facts: ended(now, "failed", look.reason) };
    if (look.is !== "ready") {
      return { is: "not-yet", again: Math.min(look.again, over - now), waitingFor: `${ref} to end` };
    }
    if (look.facts.ended === null) throw new Error(`${ref} was set going and stands`);
    return { is: "done", facts: ended(now, look.facts.ended) };
  },
};

const ended = (ended_at: number, how: "succeeded" | "failed", why?: string): Record<string, unknown> => ({
  ended: how,
  ended_at,
  ...(why ? { why } : {}),
});

const FROM_BIRTH_TO_END = ["PENDING", "CREATING", "RUNNING"];

/** One run of a job, which is its parent, on an endpoint. It goes on by itself: each verb's end starts the next. */
export const runKind: Kind = {
  name: RUN,
  gone: "DELETED",
  verbs: {
    create: {
      from: [],
      during: "PENDING",
      then: "CREATING",
      failed: "FAILED",
      version: 1,
      plan: () => ["take-turn"],
      after: (effects, run) => effects.alarm(run, effects.now, "start"),
    },
    start: {
      from: ["CREATING"],
      then: "RUNNING",
      failed: "FAILED",
      version: 1,
      plan: () => ["make"],
      after: (effects, run) => effects.alarm(run, effects.now, "follow"),
    },
    follow: {
      from: ["RUNNING"],
      failed: "FAILED",
      version: 1,
      plan: () => ["work", "collect"],
      after: (effects, run) => effects.move(run.id, factsOf(run).ended === "succeeded" ? "SUCCEEDED" : "FAILED"),
    },
    cancel: {
      from: FROM_BIRTH_TO_END,
      during: "STOPPING",
      then: "STOPPED",
      failed: "FAILED",
      version: 1,
      aborts: ["create", "start", "follow"],
      plan: () => ["collect"],
    },
    delete: {
      from: [...FROM_BIRTH_TO_END, "STOPPING", ...ENDED],
      during: "DELETING",
      then: "DELETED",
      failed: "FAILED",
      version: 1,
      aborts: ["create", "start", "follow", "cancel"],
      plan: (run) => (factsOf(run).collected ? [] : ["collect"]),
    },
  },
  moves: { RUNNING: ["SUCCEEDED", "FAILED"] },
  steps: {
    "take-turn": takeTurn,
    make: noting(
      makes({
        domain: "inference",
        type: "run",
        spec: (run) => ({ flavor: specOf(run).flavor, entry: specOf(run).entry, going: false }),
      }),
      ({ now }) => ({ started_at: now }),
    ),
    work,
    collect: noting(unmakes("inference", "run"), ({ now, resource }) => ({
      collected: true,
      ended_at: factsOf(resource).ended_at ?? now,
    })),
  },
};

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
