import type { NotAccepted } from "../lifecycle/index.ts";

export type Language = "en-us" | "zh-cn";

/** One thing wrong with a request's parameters. */
export interface Problem {
  in: "path" | "query" | "body";
  /** Dotted path of the field; "" for the whole. */
  field: string;
  /** JSON Schema keyword that failed: required, type, pattern, enum, ... */
  rule: string;
  message: string;
}

/** Why nobody could be told from a request's credentials. */
export type Stranger =
  | { why: "nothing" }
  | { why: "token-unknown" }
  | { why: "token-expired"; expiredAt: number }
  | { why: "key-unknown"; accessKey: string }
  | { why: "key-disabled"; accessKey: string }
  | { why: "signature-mismatch" }
  | { why: "signature-malformed"; detail: string }
  | { why: "clock-skew"; signedAt: string; serverTime: number };

/** Everything that can go wrong with a request. Each service says it in its own way. */
export type Trouble =
  | { is: "no-such-route" }
  | { is: "malformed" }
  | { is: "headers-too-large" }
  | { is: "body-too-large"; limit: number }
  | { is: "stranger"; stranger: Stranger }
  | { is: "not-operator" }
  | { is: "wrong-project"; projectId: string }
  | { is: "forbidden"; action: string }
  | { is: "throttled"; requests: number; perSeconds: number; retryAfterSeconds: number }
  | { is: "not-json"; detail: string }
  | { is: "invalid"; problems: readonly Problem[] }
  | { is: "not-accepted"; error: NotAccepted }
  | { is: "timeout" }
  | { is: "internal" };

/** What a dialect may want to know of the request. */
export interface About {
  requestId: string;
  language: Language;
  operationId: string | undefined;
  /** Of two documented answers for what is not there, the 400 with a code of its own is wanted. */
  coded?: boolean;
}

/** An error as it goes on the wire. A string body is sent as text, null sends none. */
export interface WireError {
  status: number;
  body: object | string | null;
  headers?: Readonly<Record<string, string>>;
}

/** How a service says what went wrong; undefined leaves it to the gateway's own dialect. */
export type Dialect = (trouble: Trouble, about: About) => WireError | undefined;

/** Thrown by a handler for an error of its service that needs no translation. `say` writes it in the caller's language. */
export class Fault extends Error {
  readonly say: (about: About) => WireError;

  constructor(message: string, say: (about: About) => WireError) {
    super(message);
    this.name = "Fault";
    this.say = say;
  }
}

/** A fault that says: there is no such thing, or no longer. */
export class Absent extends Fault {}
