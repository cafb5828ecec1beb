import { type About, isoMicros, type Stranger, type Trouble, type WireError } from "../wire/index.ts";

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

/** Why the gateway does not know the caller, in the words that it uses. */
export function reasonOf(stranger: Stranger): string {
  switch (stranger.why) {
    case "nothing":
      return "x-auth-token not found";
    case "token-unknown":
      return "decrypt token fail";
    case "token-expired":
      return `token expires, expires_at: ${isoMicros(stranger.expiredAt)}`;
    case "key-unknown":
      return `ak ${stranger.accessKey} not exist`;
    case "key-disabled":
      return `ak ${stranger.accessKey} is inactive`;
    case "signature-mismatch":
      return "verify aksk signature fail";
    case "signature-malformed":
      return `verify aksk signature fail, ${stranger.detail}`;
    case "clock-skew":
      return `calc ak sk signature fail:signature expired, signature time:${stranger.signedAt},server time:${compact(stranger.serverTime)}`;
  }
}

const compact = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");

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
