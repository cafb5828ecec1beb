import { Busy, NameTaken, type NotAccepted, NotFound, WrongState } from "../../lifecycle/index.ts";
import { type Dialect, Fault, type Problem, type Stranger, type WireError } from "../../wire/index.ts";
import { NOT_FOUND_STATUS, NOT_JSON_CODE } from "./choices.ts";
import { type Code, textOf, wireCode } from "./codes.ts";

/** The documents spell the message's key in two ways: both are sent. */
function error(status: number, code: Code, detail?: string): WireError {
  const message = textOf(code, detail);
  return { status, body: { error_code: wireCode(code), error_message: message, error_msg: message } };
}

/** A refusal that only a handler can see. */
export const refused = (code: Code, detail?: string): Fault =>
  new Fault(textOf(code, detail), () => error(400, code, detail));

interface Finding {
  /** Lower is said first. */
  rank: number;
  code: Code;
  detail: string;
}

/** One problem as the code that says it, ranked in the order in which DevEnviron looks. */
function findingOf({ field, rule, in: where }: Problem): Finding {
  const detail = field || where;
  if (rule === "type") return { rank: 0, code: "6332", detail };
  if (rule === "required") return { rank: 1, code: field === "spec.storage" ? "6316" : "6335", detail };
  if (rule === "if" && field === "spec.storage") return { rank: 1, code: "6317", detail };
  if (rule === "pattern" && (field === "name" || field === "description")) return { rank: 2, code: "6334", detail };
  if (field === "sortby") return { rank: 3, code: "6303", detail };
  return { rank: 3, code: "6336", detail };
}

function invalid(problems: readonly Problem[]): WireError {
  const [first] = problems.map(findingOf).toSorted((a, b) => a.rank - b.rank);
  return first ? error(400, first.code, first.detail) : error(400, "0101", "a parameter is wrong");
}

function unknownCaller(stranger: Stranger): WireError {
  switch (stranger.why) {
    case "nothing":
      return error(401, "0201");
    case "token-unknown":
      return error(401, "0203");
    case "token-expired":
      return error(401, "0202");
    case "signature-malformed":
      return error(401, "0206", stranger.detail);
    case "key-unknown":
    case "key-disabled":
      return error(401, "0208", "the access key is not valid");
    case "signature-mismatch":
      return error(401, "0208", "the signature does not match");
    case "clock-skew":
      return error(401, "0208", `it was signed at ${stranger.signedAt}, too far from the time of the server`);
  }
}

/** What a state says to a verb that it does not allow, where that has a code of its own. */
const NOT_NOW: Readonly<Record<string, Readonly<Record<string, Code>>>> = {
  RUNNING: { start: "6305", delete: "6304" },
  STOPPED: { stop: "6307", restart: "6327" },
  START_FAILED: { stop: "6327", restart: "6327" },
  UNAVAILABLE: { start: "6333", restart: "6333" },
};

/** What a running operation says to any other. */
const WAIT: Readonly<Record<string, Code>> = { start: "6306", restart: "6306", stop: "6308" };

function notAccepted(refusal: NotAccepted): WireError {
  if (refusal instanceof NotFound) return error(NOT_FOUND_STATUS, "6309");
  if (refusal instanceof NameTaken) return error(400, "6301", refusal.taken);
  if (refusal instanceof WrongState) return error(400, NOT_NOW[refusal.state]?.[refusal.verb] ?? "6357");
  if (refusal instanceof Busy) return error(400, WAIT[refusal.running] ?? "6357");
  return error(400, "0101", refusal.message);
}

export const modelartsDialect: Dialect = (trouble) => {
  switch (trouble.is) {
    case "stranger":
      return unknownCaller(trouble.stranger);
    case "wrong-project":
      return error(403, "0210");
    case "forbidden":
      return error(403, "0108", `${trouble.action} is denied`);
    case "throttled": {
      const { requests, perSeconds, retryAfterSeconds } = trouble;
      const headers = { "retry-after": String(retryAfterSeconds) };
      return { ...error(429, "4206", `${requests} in ${perSeconds} seconds`), headers };
    }
    case "not-json":
      return error(400, NOT_JSON_CODE, "the body is not JSON");
    case "invalid":
      return invalid(trouble.problems);
    case "not-accepted":
      return notAccepted(trouble.error);
    case "timeout":
      return error(408, "6100");
    case "internal":
      return error(500, "0010");
    default:
      return undefined;
  }
};
