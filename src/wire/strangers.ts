import type { Stranger } from "./dialect.ts";
import { isoMicros } from "./times.ts";

/** Why the gateway does not know the caller, in the words that it uses; a service may say them too. */
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
