import { type About, reasonOf, type Trouble, type WireError } from "../wire/index.ts";

/** The prefix of the shared gateway's codes. One line, because which one a service's gateway sends is not documented for all. */
const PREFIX = "APIGW";

const SIGNED_WRONG = "Incorrect IAM authentication information: ";

function error(about: About, status: number, code: string, message: string, headers?: WireError["headers"]): WireError {
  return {
    status,
    body: { error_msg: message, error_code: `${PREFIX}.${code}`, request_id: about.requestId },
    ...(headers ? { headers } : {}),
  };
}

/** The gateway's own words: for what no service answers, and for every trouble that a service leaves to it. */
export function gatewayDialect(trouble: Trouble, about: About): WireError {
  switch (trouble.is) {
    case "no-such-route":
      return error(about, 404, "0101", "The API does not exist or has not been published in the environment");
    case "malformed":
      return error(about, 400, "0201", "API request error.");
    case "headers-too-large":
      return error(about, 494, "0201", "Request headers too large.");
    case "body-too-large":
      return error(about, 413, "0201", "Request entity too large.");
    case "stranger":
      return error(about, 401, "0301", SIGNED_WRONG + reasonOf(trouble.stranger));
    case "not-operator":
      return error(about, 401, "0301", "The request does not carry the operator's token.");
    case "wrong-project":
      return error(
        about,
        403,
        "0302",
        `The IAM user is not authorized to access the API: its credentials are not for project ${trouble.projectId}.`,
      );
    case "forbidden":
      return error(
        about,
        403,
        "0302",
        `The IAM user is not authorized to access the API: policy doesn't allow ${trouble.action} to be performed.`,
      );
    case "throttled": {
      const limit = `policy user over ratelimit,limit:${trouble.requests},time:${trouble.perSeconds} second`;
      return error(about, 429, "0308", `The throttling threshold has been reached: ${limit}`, {
        "retry-after": String(trouble.retryAfterSeconds),
      });
    }
    case "not-json":
      return error(about, 400, "0201", `API request error: the body is not JSON, ${trouble.detail}`);
    case "invalid":
      return error(
        about,
        400,
        "0106",
        `Orchestration error: ${trouble.problems.map((one) => `${one.in} ${one.field} ${one.message}`).join("; ")}`,
      );
    case "timeout":
      return error(about, 504, "0201", "Backend timeout.");
    case "not-accepted":
      return error(about, 400, "0602", `Bad request: ${trouble.error.message}`);
    case "internal":
      return error(about, 500, "0601", "Internal server error.");
  }
}
