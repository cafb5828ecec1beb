import { Type } from "typebox";
import type { Why } from "../../lifecycle/index.ts";
import { isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { Id } from "../schemas.ts";

const time = (ms: number | null) => (ms === null ? null : isoMillis(ms));

/** `now` is virtual ms; fields that end in `_ms` count from it. */
export function whyView(one: Why, now: number): object {
  return {
    resource: one.resource,
    is: one.is,
    summary: one.summary,
    operation: one.operation,
    verb: one.verb,
    step: one.step,
    waiting_for: one.waitingFor,
    reason: one.reason,
    hint: one.hint,
    owner: one.owner,
    since: isoMillis(one.since),
    since_ms: now - one.since,
    tries: one.tries,
    next_try_at: time(one.nextTryAt),
    next_try_in_ms: one.nextTryAt === null ? null : Math.max(0, one.nextTryAt - now),
    unblock: one.unblock,
    alarm: one.alarm && { verb: one.alarm.verb, at: isoMillis(one.alarm.at), in_ms: Math.max(0, one.alarm.at - now) },
    left_behind: one.leaks.map(({ ref, type, domain, skippedStep, skippedAt, reason }) => ({
      ref,
      type,
      domain,
      skipped_step: skippedStep,
      skipped_at: time(skippedAt),
      reason,
    })),
    receipt: one.receipt === null ? null : `/ebb/v1/receipts/${one.receipt}`,
    because: one.because.map((cause) => whyView(cause, now)),
  };
}

export const whyRoutes = ({ lifecycle, clock }: Desk): Operation[] => [
  operation({
    id: "ShowWhy",
    method: "GET",
    path: "/ebb/v1/resources/{id}/why",
    summary: "Why a resource, or the resource of an operation, is where it is, and what makes it go on",
    action: null,
    access: "operator",
    success: 200,
    params: Type.Object({ id: Id }),
    handle: async ({ params }) => ({ body: whyView(await lifecycle.why(params.id), clock.now()) }),
  }),
];
