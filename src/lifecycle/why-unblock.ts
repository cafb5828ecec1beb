import type { Kind } from "./kinds.ts";
import type { Operation } from "./operations.ts";
import { lastAnswer } from "./trail.ts";
import { type Finding, ownerFrom } from "./why-condition.ts";

/** What makes it go on. Paths are below `/ebb/v1`. */
export interface Unblock {
  /** False where it goes on by itself: the call then only hastens it. */
  needed: boolean;
  say: string;
  cli: string | null;
  call: { method: string; path: string; body: object } | null;
}

/** A duration in the largest unit that says it exactly. */
export function spell(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole > 0 && whole % 60_000 === 0) return `${whole / 60_000}m`;
  return whole % 1_000 === 0 ? `${whole / 1_000}s` : `${whole}ms`;
}

const nothing = (say: string): Unblock => ({ needed: false, say: `nothing: ${say}`, cli: null, call: null });

/** What makes it go on; null where nothing is to be done. */
export function unblockOf(finding: Finding): Unblock | null {
  const { standing, condition } = finding;
  const { operation: op, leaks } = standing;
  if (condition === "failed") return askAgain(finding);
  if (condition === "well" || condition === "gone")
    return leaks.length > 0 ? reclaim(leaks.map((one) => one.ref)) : null;
  if (condition === "stranded") return nothing("the scan starts it again within a minute");
  if (condition === "held-back") return nothing("it goes on as soon as that call is back, or its lease has run out");
  if (condition === "working") return nothing("it is being worked on");
  if (condition === "due" || !op) return nothing("it is taken up next");
  return condition === "refused" ? mend(finding, op) : wait(finding, op);
}

/** It only waits for time to pass. */
function wait({ clock }: Finding, { dueAt }: Operation): Unblock {
  const ms = Math.max(0, dueAt - clock.now);
  return {
    needed: clock.frozen,
    say: clock.frozen
      ? `the clock stands still: move it by ${spell(ms)}`
      : `nothing: it goes on by itself in ${spell(ms)}; moving the clock hastens it`,
    cli: `ebb clock advance ${spell(ms)}`,
    call: { method: "POST", path: "/ebb/v1/clock/advance", body: { by: spell(ms) } },
  };
}

/** The world refuses. Errors of calls pass by themselves; anything else somebody has to put right, or to give up. */
function mend(finding: Finding, op: Operation): Unblock {
  const answer = lastAnswer(op);
  const { owner = "", hint = "" } = answer?.is === "refused" ? answer : {};
  if (["Ebb", "the driver's machine"].includes(ownerFrom(owner))) return wait(finding, op);
  const { kind, standing } = finding;
  const step = op.plan.steps[op.step] ?? "";
  if (!isDelete(kind, op.verb)) {
    const gives = ending(finding);
    return gives
      ? {
          ...remove(standing.resource.id),
          say: `${hint}; it is then tried again by itself. Or give it up: ${gives} it`,
        }
      : { needed: true, say: `${hint}; it is then tried again by itself`, cli: null, call: null };
  }
  return {
    needed: true,
    say: `${hint}; it is then tried again by itself. Or leave the step undone, and what it holds on the list of leaks`,
    cli: `ebb skip ${op.id} --step ${step} --reason "..."`,
    call: { method: "POST", path: `/ebb/v1/operations/${op.id}/skip`, body: { step, reason: "..." } },
  };
}

/** What is made only to be carried out has an end, too, and nothing of it is left undone. */
const isDelete = ({ verbs, gone }: Kind, verb: string): boolean =>
  verbs[verb]?.then === gone && verbs.create?.then !== gone;

/** The verb that would take it away as it stands. */
function ending({ kind, standing: { resource, operation } }: Finding): string | undefined {
  const running = operation?.state === "running" ? operation.verb : undefined;
  return Object.entries(kind.verbs).find(
    ([, verb]) =>
      verb.then === kind.gone && (running ? (verb.aborts ?? []).includes(running) : verb.from.includes(resource.state)),
  )?.[0];
}

const remove = (id: string): Unblock => ({
  needed: true,
  say: "",
  cli: `ebb rm ${id}`,
  call: { method: "POST", path: "/ebb/v1/teardowns", body: { ids: [id] } },
});

/** What has stopped for good goes on only by a verb that its state accepts. */
function askAgain(finding: Finding): Unblock {
  const { kind, standing } = finding;
  const { id, state, error } = standing.resource;
  const same = error && kind.verbs[error.verb]?.from.includes(state) ? error.verb : undefined;
  const ends = ending(finding);
  if (ends && (same === undefined || same === ends))
    return { ...remove(id), say: `${error?.hint}; then ${ends} it again` };
  const verbs = Object.entries(kind.verbs).flatMap(([name, verb]) => (verb.from.includes(state) ? name : []));
  const words = `${error?.hint}; then ask its service for one of: ${verbs.join(", ") || "nothing that it accepts"}`;
  return ends ? { ...remove(id), say: words } : { needed: true, say: words, cli: null, call: null };
}

const reclaim = (refs: readonly string[]): Unblock => ({
  needed: true,
  say: "what was left behind is taken away by the ordinary steps",
  cli: `ebb leaks reclaim ${refs.join(" ")}`,
  call: { method: "POST", path: "/ebb/v1/leaks/reclaim", body: { refs } },
});
