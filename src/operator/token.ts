import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The token that follows from the key of a data folder: whoever may read the folder is the operator. */
export const tokenFromKey = (key: Uint8Array): string =>
  createHmac("sha256", key).update("ebb operator token").digest("base64url");

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Tells whether a request carries `token` as `Authorization: Bearer`. Only the token's hash is kept. */
export function operatorCheck(token: string): (headers: IncomingHttpHeaders) => boolean {
  const expected = digest(token);
  return ({ authorization = "" }) => {
    const [, shown = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    return timingSafeEqual(digest(shown), expected);
  };
}
