import type { FastifyReply } from "fastify";
import { NotAccepted } from "../lifecycle/index.ts";
import type { Log } from "../log.ts";
import {
  type About,
  Fault,
  type Operation,
  type Reply,
  type Service,
  type Trouble,
  type WireError,
} from "../wire/index.ts";
import { DeadlineOver } from "./deadline.ts";
import { gatewayDialect } from "./dialect.ts";

/** Thrown inside the pipeline; becomes the service's error. */
export class Troubled extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble.is);
    this.trouble = trouble;
  }
}

/** An answer as it goes out: an object is text already. */
export interface Said {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

/** Of almost every answer: one object for all, because each is kept for a while. */
export const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const TEXT_TYPE = { "content-type": "text/plain; charset=utf-8" };

const isStream = (body: object): boolean => "pipe" in body || "getReader" in body;

function said(status: number, body: unknown, headers?: Said["headers"]): Said {
  if (body === undefined || body === null) return { status, headers: headers ?? {}, body: undefined };
  if (typeof body === "string") return { status, headers: { ...TEXT_TYPE, ...headers }, body };
  if (typeof body === "object" && (isStream(body) || body instanceof Uint8Array))
    return { status, headers: headers ?? {}, body };
  return { status, headers: headers ? { ...JSON_TYPE, ...headers } : JSON_TYPE, body: JSON.stringify(body) };
}

export const sayReply = (op: Operation, { status, body, headers }: Reply): Said =>
  said(status ?? op.success, body, headers);

export const sayWire = ({ status, body, headers }: WireError): Said => said(status, body, headers);

/** In the service's words, or else in the gateway's own. */
export const inDialect = (trouble: Trouble, service: Service, about: About): WireError =>
  service.dialect(trouble, about) ?? gatewayDialect(trouble, about);

export function sayError(error: unknown, service: Service, about: About, log: Log): WireError {
  if (error instanceof Fault) return error.say(about);
  const trouble = troubleOf(error);
  if (trouble.is === "internal")
    log.error(
      { request_id: about.requestId, operation: about.operationId, error },
      "a request failed for a reason of Ebb's own",
    );
  return inDialect(trouble, service, about);
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Troubled) return error.trouble;
  if (error instanceof NotAccepted) return { is: "not-accepted", error };
  if (error instanceof DeadlineOver) return { is: "timeout" };
  return { is: "internal" };
}

export async function send(reply: FastifyReply, { status, headers, body }: Said): Promise<FastifyReply> {
  reply.code(status);
  reply.headers(headers);
  return reply.send(body);
}
