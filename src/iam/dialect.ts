import { type NotAccepted, NotFound } from "../lifecycle/index.ts";
import type { Dialect, Operation, Problem, Stranger, Trouble, WireError } from "../wire/index.ts";
import { codedError, couldNotFind, keystoneError, notPermitted } from "./errors.ts";

/** How IAM says what went wrong: the operations of `/v3` in Keystone's shape, those of `/v3.0` with codes. */
export function iamDialect(operations: readonly Operation[]): Dialect {
  const coded = new Set(operations.filter(({ path }) => path.startsWith("/v3.0/")).map(({ id }) => id));
  return (trouble, about) =>
    coded.has(about.operationId ?? "") ? codedDialect(trouble, about) : keystoneDialect(trouble, about);
}

const keystoneDialect: Dialect = (trouble) => {
  switch (trouble.is) {
    case "stranger":
      return keystoneStranger(trouble.stranger);
    case "wrong-project":
    case "forbidden":
      return notPermitted();
    case "throttled":
      return retryLater(keystoneError(429, thresholdReached(trouble)), trouble);
    case "not-json":
      return keystoneError(400, "The request body is invalid");
    case "invalid": {
      const outside = trouble.problems.find((one) => one.in !== "body");
      return keystoneError(400, outside ? invalidField(outside) : "The request body is invalid");
    }
    case "not-accepted":
      return keystoneError(...statusOf(trouble.error));
    case "internal":
      return keystoneError(500, INTERNAL);
    default:
      return undefined;
  }
};

/** The gateway stands before IAM and speaks for a signature that it cannot verify. */
function keystoneStranger({ why }: Stranger): WireError | undefined {
  if (why === "nothing") return keystoneError(401, NOT_AUTHENTICATED);
  return why === "token-unknown" || why === "token-expired"
    ? keystoneError(401, "The X-Auth-Token is invalid!")
    : undefined;
}

const codedDialect: Dialect = (trouble) => {
  switch (trouble.is) {
    case "stranger":
      return codedStranger(trouble.stranger);
    case "forbidden":
      return codedError(403, "0003", `Policy doesn't allow ${trouble.action} to be performed.`);
    case "throttled":
      return retryLater(codedError(429, "0012", thresholdReached(trouble)), trouble);
    case "not-json":
      return codedError(400, "0011", "Request body is invalid.");
    case "invalid":
      return codedInvalid(trouble.problems);
    case "not-accepted": {
      const [status, message] = statusOf(trouble.error);
      return codedError(status, status === 404 ? "0004" : "0005", message);
    }
    case "internal":
      return codedError(500, "0006", INTERNAL);
    default:
      return undefined;
  }
};

function codedStranger({ why }: Stranger): WireError | undefined {
  if (why === "nothing") return codedError(401, "0001", NOT_AUTHENTICATED);
  if (why === "token-expired") return codedError(401, "0066", "The token has expired.");
  return why === "token-unknown" ? codedError(401, "0067", "Invalid token.") : undefined;
}

function codedInvalid([first]: readonly Problem[]): WireError {
  if (!first || first.field === "") return codedError(400, "0011", "Request body is invalid.");
  const key = first.field.split(".").at(-1);
  return first.rule === "required"
    ? codedError(400, "0072", `'${key}' is a required property.`)
    : codedError(400, "0073", invalidField(first));
}

/** IAM keeps no resources of the kernel's: what it does not accept is not there, or is in the way of another. */
const statusOf = (refusal: NotAccepted): [number, string] =>
  refusal instanceof NotFound
    ? [404, couldNotFind(refusal.kind, refusal.id)]
    : [409, `Conflict occurred: ${refusal.message}.`];

const NOT_AUTHENTICATED = "The request you have made requires authentication.";
const INTERNAL = "An unexpected error prevented the server from fulfilling your request.";

const invalidField = ({ field, message }: Problem): string => `Invalid input for field '${field}': it ${message}.`;

const thresholdReached = ({ requests, perSeconds }: Trouble & { is: "throttled" }): string =>
  `The throttling threshold has been reached. Threshold: ${requests} times per ${perSeconds} seconds`;

const retryLater = (error: WireError, { retryAfterSeconds }: Trouble & { is: "throttled" }): WireError => ({
  ...error,
  headers: { "retry-after": String(retryAfterSeconds) },
});
