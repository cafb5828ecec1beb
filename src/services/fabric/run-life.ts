import {
  type Kind,
  listDescendants,
  makes,
  refOf,
  type Step,
  stampOf,
  unmakes,
  type Work,
  waitingForAll,
} from "../../lifecycle/index.ts";
import { TURN_LOOK_MS } from "./choices.ts";
import { ENDED, factsOf, hasEnded, RUN, type RunFacts, specOf } from "./run.ts";

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
    return { is: "not-yet", again: TURN_LOOK_MS, ...waitingForAll(before) };
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
