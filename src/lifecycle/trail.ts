import type { EventRow, Session } from "../store/index.ts";
import type { Answer } from "./kinds.ts";
import type { Operation } from "./operations.ts";

/** `not-run`: the operation ended before it. */
export type StepState = "done" | "current" | "waiting" | "skipped" | "failed" | "aborted" | "not-run";

/** One step of a plan, as it went so far. */
export interface StepTrail {
  name: string;
  state: StepState;
  /** How often it was carried out; a wait for what it began is no further attempt. */
  attempts: number;
  /** Virtual ms; null before its turn. */
  startedAt: number | null;
  /** Virtual ms, up to now for the current one; null before its turn. */
  durationMs: number | null;
  /** What the world last answered to it. */
  answer: StepAnswer | null;
}

/** An answer without what was learned from it: facts may be secrets of the tenant. */
export type StepAnswer =
  | { is: "done" }
  | { is: "gone"; proof?: string }
  | { is: "not-yet"; waitingFor: string }
  | { is: "refused"; reason: string; owner: string; hint: string }
  | { is: "skipped"; reason: string };

/** What the world last answered to the step that an operation stands at; null before its first answer. */
export function lastAnswer({ answer }: Operation): (Answer & { is: "not-yet" | "refused" }) | null {
  // A step that is over leaves its answer to the next one's beginning.
  return answer && (answer.is === "not-yet" || answer.is === "refused") ? answer : null;
}

/** How often the step that a running operation stands at has been carried out. */
export const triesOf = ({ attempt, performed }: Operation): number => attempt + (performed ? 1 : 0);

interface Ended {
  step: string;
  answer?: "done" | "gone";
  proof?: string;
  reason?: string;
  attempts?: number;
  since?: number;
}

/** The steps of an operation in the order of its plan. `now` is virtual ms. */
export async function trailOf(session: Session, op: Operation, now: number): Promise<StepTrail[]> {
  const ended = await session.all<EventRow>(
    "SELECT * FROM events WHERE resource_id = ? AND operation_id = ? AND type IN ('step-done', 'skipped') ORDER BY seq",
    [op.resourceId, op.id],
  );
  let before = op.acceptedAt;
  return op.plan.steps.map((name, index) => {
    if (index === op.step) return currentStep(name, op, now);
    if (index > op.step) return notBegun(name, op);
    // A delete that goes on after a skip begins with that one's event: the step is none of its own plan.
    const row = ended.splice(0, 1 + ended.findIndex((one) => stepOf(one) === name)).at(-1);
    const step = endedStep(name, row, before);
    before = row?.at ?? before;
    return step;
  });
}

const stepOf = ({ data }: EventRow): string => (JSON.parse(data) as Ended).step;

/** `before`: when the step before it ended. */
function endedStep(name: string, row: EventRow | undefined, before: number): StepTrail {
  if (!row) return { name, state: "done", attempts: 1, startedAt: before, durationMs: null, answer: null };
  const { type, at, data } = row;
  const { answer = "done", proof, reason = "", attempts = 0, since = before } = JSON.parse(data) as Ended;
  const done: StepAnswer =
    answer === "gone" ? { is: "gone", ...(proof === undefined ? {} : { proof }) } : { is: answer };
  return {
    name,
    state: type === "skipped" ? "skipped" : "done",
    attempts,
    startedAt: since,
    durationMs: at - since,
    answer: type === "skipped" ? { is: "skipped", reason } : done,
  };
}

const ENDED_AT: Record<Operation["state"], StepState> = {
  running: "current",
  done: "done",
  failed: "failed",
  aborted: "aborted",
};

function currentStep(name: string, op: Operation, now: number): StepTrail {
  const failed = op.state === "failed";
  return {
    name,
    state: ENDED_AT[op.state],
    attempts: failed ? op.attempt + 1 : triesOf(op),
    startedAt: op.stageAt,
    durationMs: (op.finishedAt ?? now) - op.stageAt,
    answer: failed && op.error ? { is: "refused", ...said(op.error) } : shown(lastAnswer(op)),
  };
}

const said = ({ reason, owner, hint }: { reason: string; owner: string; hint: string }) => ({ reason, owner, hint });

function shown(answer: ReturnType<typeof lastAnswer>): StepAnswer | null {
  if (answer === null) return null;
  return answer.is === "refused"
    ? { is: "refused", ...said(answer) }
    : { is: "not-yet", waitingFor: answer.waitingFor };
}

const notBegun = (name: string, op: Operation): StepTrail => ({
  name,
  state: op.state === "running" ? "waiting" : "not-run",
  attempts: 0,
  startedAt: null,
  durationMs: null,
  answer: null,
});
