import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request as overHttp } from "node:http";
import { Agent, request as overHttps } from "node:https";
import type { MachineSetting } from "./settings.ts";

/** What no answer of a BMC comes near; a longer one is cut off as broken. */
const MOST_BYTES = 8 * 1_048_576;

export interface Sent {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  body?: object | undefined;
  headers: Record<string, string>;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body, where it is a JSON object. */
  body: Record<string, unknown> | undefined;
}

/** An answer of which no end has come so far. */
export class TooLong extends Error {}

export type Send = (sent: Sent) => Promise<Reply>;

/** One BMC's way of being asked: its trust, and a deadline over each whole request. */
export function transport({ url, ca, insecure }: MachineSetting, timeoutMs: number): Send {
  const trust = { ...(ca === undefined ? {} : { ca: readFileSync(ca) }), rejectUnauthorized: insecure !== true };
  const agent = new Agent({ ...trust, keepAlive: false });
  const base = new URL(url);
  return ({ method, path, body, headers }) =>
    new Promise<Reply>((answer, fail) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const options = {
        method,
        headers: {
          accept: "application/json",
          "odata-version": "4.0",
          ...(text === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
          ...headers,
        },
        signal: AbortSignal.timeout(timeoutMs),
      };
      // A BMC's own links may name another host: what is sent bears its account, and goes to no other.
      const { pathname, search } = new URL(path, base);
      const target = new URL(pathname + search, base);
      const sent = base.protocol === "https:" ? overHttps(target, { ...options, agent }) : overHttp(target, options);
      sent.on("error", fail);
      sent.on("response", (response) => {
        let size = 0;
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => {
          size += part.length;
          if (size > MOST_BYTES) response.destroy(new TooLong());
          else parts.push(part);
        });
        response.on("error", fail);
        response.on("end", () =>
          answer({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: asJson(Buffer.concat(parts).toString("utf8")),
          }),
        );
      });
      sent.end(text);
    });
}

/** Some BMCs answer with a page: it says nothing that is acted on. */
function asJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
