import type { Clock } from "../clock.ts";
import type { Faults, Status } from "../faults/index.ts";
import type { Trouble } from "../wire/index.ts";
import { inDialect, type Said, sayWire } from "./answers.ts";
import { type Asked, placeOf } from "./asked.ts";
import type { Deadline } from "./deadline.ts";
import { absent, busy, subjectOf, suspect } from "./subject.ts";

/** Thrown where a fault answers in the place of the operation. */
export class Injected extends Error {
  readonly said: Said;
  constructor(said: Said) {
    super("a fault has answered");
    this.said = said;
  }
}

/** Nothing of it is sent. */
const UNSAID: Said = { status: 0, headers: {}, body: undefined };

/**
 * Lets a fault act on a call before the operation's checks, and notes it.
 * @throws Injected where the operation is not to run
 */
export async function strike(asked: Asked, faults: Faults, waits: Clock, deadline: Deadline): Promise<void> {
  const hit = await faults.onCall(placeOf(asked));
  if (!hit) return;
  asked.hit = hit;
  const { answer } = hit;
  if (answer === "reset") throw new Injected(UNSAID);
  if (typeof answer === "string") return;
  if ("slow_ms" in answer) {
    await new Promise<void>((resolve) => void waits.at(waits.now() + answer.slow_ms, resolve));
    deadline.signal.throwIfAborted();
    return;
  }
  throw new Injected(sayStatus(asked, answer.status, answer.retry_after_s));
}

/** The status in the service's own words. Where it says the trouble under another status, the words stay. */
export function sayStatus(asked: Asked, status: Status, retryAfterSeconds = 1): Said {
  const { service, about } = asked;
  const { headers, body } = inDialect(troubleFor(status, asked, retryAfterSeconds), service, about);
  return sayWire({ status, body, ...(headers ? { headers } : {}) });
}

function troubleFor(status: Status, { op, service, request }: Asked, retryAfterSeconds: number): Trouble {
  const subject = () => subjectOf(op, service, request.params as Record<string, string>);
  switch (status) {
    case 400:
      return { is: "invalid", problems: [{ ...suspect(op), rule: "injected", message: "is not accepted" }] };
    case 401:
      return { is: "stranger", stranger: { why: "token-unknown" } };
    case 403:
      return { is: "forbidden", action: op.action ?? `${service.name}:${op.id}` };
    case 404:
      return { is: "not-accepted", error: absent(subject()) };
    case 408:
      return { is: "timeout" };
    case 409:
      return { is: "not-accepted", error: busy(subject(), op) };
    case 429:
      return { is: "throttled", requests: 1, perSeconds: retryAfterSeconds, retryAfterSeconds };
    case 500:
      return { is: "internal" };
  }
}
