import type { CallAnswer, FaultSpec, GoneAnswer, StepAnswer } from "../../faults/index.ts";
import type { Desk } from "../desk.ts";
import { refuse } from "../dialect.ts";
import { mustBeOperation } from "../names.ts";
import type { FaultBody } from "./body.ts";
import { whenOf } from "./when.ts";
import { mustHavePlace, placeOfStep, placeOnWire } from "./where.ts";

/** The fault that is asked for, with the names as they are kept. @throws a refusal where it could never hit anything */
export async function specOf(body: FaultBody, desk: Desk): Promise<FaultSpec> {
  mustHavePlace(body);
  const when = whenOf(body, desk.clock.now());
  switch (body.on) {
    case "call":
      return { on: "call", ...(await placeOnWire(body, desk)), answer: onCall(body), ...when };
    case "step":
      return { on: "step", ...(await placeOfStep(body, desk)), answer: onStep(body), ...when };
    case "gone":
      return { on: "gone", ...(await placeOnWire(body, desk)), answer: onGone(body, desk), ...when };
  }
}

const CALLS = '{"status": 400 to 500}, {"slow_ms": ...}, reset, cut, lost';
const STEPS = 'fails, {"fails_for_good": "why"}, hangs, lost-answer, refuses';
const GONE = "404, coded-400, 403, empty-list";

const notFor = ({ on, answer }: FaultBody, known: string) =>
  refuse.invalid(
    `${typeof answer === "string" ? answer : JSON.stringify(answer)} is no answer on a ${on}`,
    `it may be ${known}`,
  );

function onCall(body: FaultBody): CallAnswer {
  const { answer } = body;
  if (answer === "reset" || answer === "cut" || answer === "lost") return answer;
  if (typeof answer === "object" && "slow_ms" in answer) return answer;
  if (typeof answer !== "object" || !("status" in answer)) throw notFor(body, CALLS);
  if (answer.retry_after_s !== undefined && answer.status !== 429)
    throw refuse.invalid("retry_after_s goes with status 429 only", "leave it out");
  return answer;
}

function onStep(body: FaultBody): StepAnswer {
  const { answer } = body;
  if (answer === "fails" || answer === "hangs" || answer === "lost-answer" || answer === "refuses") return answer;
  if (typeof answer === "object" && "fails_for_good" in answer) return answer;
  throw notFor(body, STEPS);
}

function onGone(body: FaultBody, { services }: Desk): GoneAnswer {
  const { answer, operation } = body;
  if (answer !== "404" && answer !== "coded-400" && answer !== "403" && answer !== "empty-list")
    throw notFor(body, GONE);
  if (answer === "empty-list" && operation !== undefined && mustBeOperation(services, operation).op.method !== "GET")
    throw refuse.invalid(`${operation} reads nothing: it has no empty list to answer`, "name an operation that reads");
  return answer;
}
