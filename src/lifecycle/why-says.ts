import type { Operation } from "./operations.ts";
import { lastAnswer, triesOf } from "./trail.ts";
import type { Why } from "./why.ts";
import { type Condition, type Finding, type Owner, ownerFrom } from "./why-condition.ts";
import type { Standing } from "./why-standing.ts";
import { spell, type Unblock, unblockOf } from "./why-unblock.ts";

export interface Said {
  is: Condition;
  /** All of it in one sentence. */
  summary: string;
  /** What the world is still busy with. */
  waitingFor: string | null;
  /** Why it, or the last try, was refused. */
  reason: string | null;
  hint: string | null;
  /** Null when there is no next move. */
  owner: Owner | null;
  /** When that began, virtual ms. */
  since: number;
  tries: number;
  unblock: Unblock | null;
}

/** What is worst stands at the root of what waits for it. */
const WEIGHT: Record<Condition, number> = {
  failed: 5,
  stranded: 4,
  refused: 3,
  "held-back": 2,
  waiting: 2,
  due: 1,
  working: 1,
  well: 0,
  gone: 0,
};

const weightOf = (one: Why): number => Math.max(WEIGHT[one.is], ...one.because.map(weightOf));

/** The worst of what is waited for, as deep as it goes. */
function rootOf(because: readonly Why[]): Why | undefined {
  const worst = because.toSorted((a, b) => weightOf(b) - weightOf(a))[0];
  if (!worst || weightOf(worst) === 0) return undefined;
  const deeper = worst.is === "failed" ? undefined : rootOf(worst.because);
  return deeper ?? worst;
}

/** Puts a finding into words. What waits for another resource has that one's owner, and what unblocks that one. */
export function say(finding: Finding, because: readonly Why[]): Said {
  const { standing, condition } = finding;
  const own = sayAlone(finding);
  const root = standing.operation?.state === "running" ? rootOf(because) : undefined;
  const said = root
    ? {
        ...own,
        owner: root.owner,
        unblock: root.unblock,
        summary: `${own.summary}; at the root of it: ${root.summary}`,
      }
    : own;
  return { is: condition, ...said };
}

const at = (ms: number): string => new Date(ms).toISOString();

function sayAlone(finding: Finding): Omit<Said, "is"> {
  const { standing, condition } = finding;
  const unblock = unblockOf(finding);
  if (condition === "gone") return { ...NOTHING, ...sayGone(standing), unblock };
  if (standing.operation?.state === "running") return { ...sayRunning(finding, standing.operation), unblock };
  if (condition === "failed") return { ...sayFailed(standing), unblock };
  const { resource, stateSince, alarm } = standing;
  const what = `${resource.kind} ${resource.id} is ${resource.state} since ${at(stateSince)}`;
  if (condition === "stranded")
    return {
      ...NOTHING,
      summary: `${what}, and nothing runs that would end that: the scan starts it again`,
      owner: "Ebb",
      since: stateSince,
      unblock,
    };
  const later = alarm ? `; ${alarm.verb} starts by itself at ${at(alarm.at)}` : "";
  return {
    ...NOTHING,
    summary: `nothing is wrong: ${what}${later}${sayLeft(standing)}`,
    owner: condition === "due" ? "Ebb" : standing.leaks.length > 0 ? "an operator" : null,
    since: stateSince,
    unblock,
  };
}

const NOTHING = { waitingFor: null, reason: null, hint: null, tries: 0 };

function sayLeft({ leaks }: Standing): string {
  if (leaks.length === 0) return "";
  return `; ${leaks.map((one) => one.ref).join(", ")} ${leaks.length === 1 ? "was" : "were"} left behind, and no probe has said gone`;
}

function sayGone(standing: Standing): Pick<Said, "summary" | "owner" | "since"> {
  const { resource, stateSince, operation, receipt } = standing;
  const by = operation ? ` by ${operation.verb}, operation ${operation.id}` : "";
  const kept = receipt ? "; its receipt says what was released" : "";
  return {
    summary: `${resource.kind} ${resource.id} is gone: ${resource.state} since ${at(resource.goneAt ?? stateSince)}${by}${kept}${sayLeft(standing)}`,
    owner: standing.leaks.length > 0 ? "an operator" : null,
    since: resource.goneAt ?? stateSince,
  };
}

function sayFailed(standing: Standing): Omit<Said, "is" | "unblock"> {
  const { resource, stateSince, operation } = standing;
  const { verb = "", step = "", reason = "", owner = "", hint = "", at: since = stateSince } = resource.error ?? {};
  return {
    summary: `${verb} of ${resource.kind} ${resource.id} has stopped for good in step ${step}: ${reason}${sayLeft(standing)}`,
    waitingFor: null,
    reason,
    hint,
    owner: ownerFrom(owner),
    since,
    tries: operation?.state === "failed" ? operation.attempt + 1 : 0,
  };
}

function sayRunning({ standing, condition, clock }: Finding, op: Operation): Omit<Said, "is" | "unblock"> {
  const answer = lastAnswer(op);
  const refused = answer?.is === "refused" ? answer : null;
  const waitingFor = answer?.is === "not-yet" ? answer.waitingFor : null;
  const step = op.plan.steps[op.step] ?? "";
  const tries = triesOf(op);
  const what = `${op.verb} of ${op.kind} ${op.resourceId}`;
  const wait = op.dueAt - clock.now;
  const then = clock.frozen ? ", and the clock stands still" : "";
  const told: Record<string, [string, Owner]> = {
    "held-back": [`${what} waits in step ${step} until the last call of what it has replaced comes back`, "Ebb"],
    working: [`Ebb is at ${what} this moment, in step ${step}`, "Ebb"],
    due: [`${what} is due in step ${step}, and Ebb takes it up next`, "Ebb"],
    refused: [
      `${what} was refused in step ${step}: ${refused?.reason} (tried ${tries === 1 ? "once" : `${tries} times`}; again in ${spell(wait)}${then})`,
      ownerFrom(refused?.owner ?? ""),
    ],
    waiting: [
      `${what} waits in step ${step}: ${waitingFor} (looks again in ${spell(wait)}${then})`,
      clock.frozen ? "an operator" : "the driver's machine",
    ],
  };
  const [summary, owner] = told[condition] ?? [what, "Ebb"];
  return {
    summary: summary + sayLeft(standing),
    waitingFor,
    reason: refused?.reason ?? null,
    hint: refused?.hint ?? null,
    owner,
    since: op.stageAt,
    tries,
  };
}
