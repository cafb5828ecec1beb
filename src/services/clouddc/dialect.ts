import { Busy, type NotAccepted, NotFound, WrongState } from "../../lifecycle/index.ts";
import { Absent, type Dialect, Fault, type Problem, reasonOf, type WireError } from "../../wire/index.ts";
import {
  INSTANCE_NOT_FOUND,
  INSTANCE_STATE_CODE,
  INSTANCE_STATE_TEXT,
  NO_IDLE_SERVER_CODE,
  SEND_RETRY_AFTER,
  UNAUTHORIZED_CODE,
} from "./choices.ts";
import { SERVER } from "./names.ts";

/** One message stays readable however much is wrong. */
const MESSAGE_MOST = 1024;

function error(status: number, code: string, message: string): WireError {
  return { status, body: { error_code: code, error_msg: message.slice(0, MESSAGE_MOST) } };
}

const listed = (ids: readonly string[]) => `[${ids.join(", ")}]`;

const wrongValue = (what: string): WireError =>
  error(400, "iMetal.0001", `A request parameter contains invalid or unsupported value: ${what}`);

const missing = (fields: readonly string[]): WireError =>
  error(400, "iMetal.0002", `Missing required parameters: ${fields.join(", ")}`);

/** Only what is missing is told apart: a field that is there and wrong is the more telling problem. */
function invalid(problems: readonly Problem[]): WireError {
  if (problems.every((one) => one.rule === "required")) return missing(problems.map((one) => one.field));
  const wrong = problems.filter((one) => one.rule !== "required");
  return wrongValue(wrong.map((one) => `${one.field || one.in} ${one.message}`).join("; "));
}

function notFound(kind: string, ids: readonly string[]): WireError {
  return kind === SERVER
    ? error(404, "iMetal.0100", `Physical servers ID not found: ${listed(ids)}`)
    : error(INSTANCE_NOT_FOUND.status, INSTANCE_NOT_FOUND.code, `Instances not found: ${listed(ids)}`);
}

function notReady(kind: string, ids: readonly string[]): WireError {
  return kind === SERVER
    ? error(400, "iMetal.0101", `Physical servers state is not ready: ${listed(ids)}`)
    : error(400, INSTANCE_STATE_CODE, `${INSTANCE_STATE_TEXT}: ${listed(ids)}`);
}

function notAccepted(refusal: NotAccepted): WireError {
  if (refusal instanceof NotFound) return notFound(refusal.kind, [refusal.id]);
  if (refusal instanceof WrongState || refusal instanceof Busy) return notReady(refusal.kind, [refusal.id]);
  return wrongValue(refusal.message);
}

export const clouddcDialect: Dialect = (trouble) => {
  switch (trouble.is) {
    case "stranger":
      return error(401, UNAUTHORIZED_CODE, `Unauthorized: ${reasonOf(trouble.stranger)}`);
    case "wrong-project":
    case "forbidden":
      return error(403, "iMetal.0004", "Insufficient permissions");
    case "throttled": {
      const said = error(429, "iMetal.0005", "Too many requests");
      return SEND_RETRY_AFTER ? { ...said, headers: { "retry-after": String(trouble.retryAfterSeconds) } } : said;
    }
    case "not-json":
      return wrongValue("the body is not JSON");
    case "invalid":
      return invalid(trouble.problems);
    case "not-accepted":
      return notAccepted(trouble.error);
    case "internal":
      return error(500, "iMetal.0099", "Internal server error");
    default:
      return undefined;
  }
};

/** Refusals that only a handler can see. */
export const refuse = {
  value: (what: string) => new Fault(what, () => wrongValue(what)),
  missing: (...fields: string[]) => new Fault("missing", () => missing(fields)),
  notFound: (kind: string, ids: readonly string[]) => new Absent("not found", () => notFound(kind, ids)),
  notReady: (kind: string, ids: readonly string[]) => new Fault("not ready", () => notReady(kind, ids)),
  noIdleServer: (idle: number, wanted: number) =>
    new Fault("no idle server", () =>
      error(400, NO_IDLE_SERVER_CODE, `Physical servers state is not ready: [], ${idle} idle, ${wanted} wanted`),
    ),
};
