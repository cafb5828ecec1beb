import type { FastifyRequest } from "fastify";
import type { CallAnswer, CallPlace, GoneAnswer, Hit } from "../faults/index.ts";
import type { About, Call, Operation, Service } from "../wire/index.ts";

/** One request on its way through the front door, and what has been found out about it. */
export interface Asked {
  op: Operation;
  service: Service;
  request: FastifyRequest;
  about: About;
  /** The project, or else the account; "" for nobody. */
  tenant: string;
  account: string;
  /** Set once the request has passed every check. */
  call: Call | undefined;
  /** The fault that has struck the call. */
  hit: Hit<CallAnswer> | undefined;
  /** The fault that has struck what is said of a thing that is gone. */
  goneHit: Hit<GoneAnswer> | undefined;
}

const NOTHING = new Uint8Array();
export const bytesOf = ({ body }: FastifyRequest): Uint8Array => (body instanceof Uint8Array ? body : NOTHING);

/** The request as faults look at it. */
export function placeOf({ service, op, tenant, account, request }: Asked): CallPlace {
  const reads = op.method === "GET";
  return { service: service.name, operation: op.id, tenant, account, reads, names: (id) => names(request, id) };
}

const UUID_AT_END = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether the request names this id in its path, query or body. Some services take an id without its prefix. */
function names(request: FastifyRequest, id: string): boolean {
  const spellings = new Set([id, UUID_AT_END.exec(id)?.[0] ?? id]);
  const params = Object.values(request.params as Record<string, string>);
  const query = Object.values(request.query as Record<string, string | string[]>).flat();
  if ([...params, ...query].some((text) => text.split(",").some((one) => spellings.has(one)))) return true;
  const body = Buffer.from(bytesOf(request));
  return body.length > 0 && [...spellings].some((one) => body.includes(JSON.stringify(one)));
}
