import { Blocked, Busy, NoSuch, type NotAccepted, NotFound, Refused, WrongState } from "../lifecycle/index.ts";
import { type Dialect, Fault, type WireError } from "../wire/index.ts";

/** `more` stands beside the message, for programs: `blockers`, `refusals`. */
function error(status: number, code: string, message: string, hint?: string, more?: object): WireError {
  return { status, body: { error: { code, message, ...(hint ? { hint } : {}), ...more } } };
}

function notAccepted(refusal: NotAccepted): WireError {
  const { message } = refusal;
  if (refusal instanceof NotFound || refusal instanceof NoSuch)
    return error(404, "not-found", message, "check the id: the lists under /ebb/v1 show what there is");
  if (refusal instanceof Blocked)
    return error(409, "blocked", message, "delete these first, or tear all of it down", { blockers: refusal.blockers });
  if (refusal instanceof Busy) return error(409, "busy", message, "wait for its end");
  if (refusal instanceof WrongState) return error(409, "wrong-state", message, `ask why: ebb why ${refusal.id}`);
  if (refusal instanceof Refused) return error(409, "refused", message, refusal.hint, refusal.more);
  return error(400, "invalid", message);
}

/** How Ebb's own API says what went wrong: `{ "error": { "code", "message", "hint" } }`. */
export const operatorDialect: Dialect = (trouble) => {
  switch (trouble.is) {
    case "not-operator":
      return error(
        401,
        "not-the-operator",
        "this is Ebb's own API, and the request does not carry its token",
        TOKEN_HINT,
      );
    case "not-json":
      return error(400, "not-json", `the body is not JSON: ${trouble.detail}`);
    case "invalid": {
      const said = trouble.problems.map((one) => `${one.in} ${one.field} ${one.message}`.replace("  ", " "));
      return error(400, "invalid", said.join("; "), "see /ebb/v1/openapi.json");
    }
    case "not-accepted":
      return notAccepted(trouble.error);
    case "timeout":
      return error(504, "timeout", "the request has outlived its deadline: nothing was changed");
    case "internal":
      return error(500, "internal", "Ebb failed for a reason of its own", "its log says why, under this request's id");
    default:
      return undefined;
  }
};

const TOKEN_HINT = 'send "Authorization: Bearer <token>"; "npx ebb token --operator" prints it';

/** A refusal that only a handler can see. */
export const refuse = {
  invalid: (message: string, hint?: string) => new Fault(message, () => error(400, "invalid", message, hint)),
  notFound: (message: string, hint?: string) => new Fault(message, () => error(404, "not-found", message, hint)),
  tooMany: (message: string) =>
    new Fault(message, () => ({
      ...error(429, "too-many", message, "close one that is not needed, then try again"),
      headers: { "retry-after": "1" },
    })),
  conflict: (message: string, hint?: string, more?: object) =>
    new Fault(message, () => error(409, "refused", message, hint, more)),
};
