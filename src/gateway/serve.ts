import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../clock.ts";
import { NotAccepted } from "../lifecycle/index.ts";
import type { Log } from "../log.ts";
import {
  type About,
  type Call,
  Fault,
  type House,
  type Operation,
  type Principal,
  type Problem,
  type Reply,
  type Service,
  type Stranger,
  type Trouble,
  type WireError,
} from "../wire/index.ts";
import { compileChecks } from "./check.ts";
import { type Deadline, DeadlineOver, withinDeadline } from "./deadline.ts";
import { gatewayDialect } from "./dialect.ts";
import { languageOf } from "./language.ts";

/** What a request shows of who sent it. */
export interface Presented {
  method: string;
  /** Path and query as received. */
  target: string;
  headers: FastifyRequest["headers"];
  body: Uint8Array;
  /** The project that the path names. */
  projectId: string | undefined;
}

export type Authenticate = (presented: Presented) => Promise<{ principal: Principal } | { stranger: Stranger }>;

export interface Front {
  house: House;
  authenticate: Authenticate;
  /** Whether the headers carry the token of who runs this Ebb. */
  isOperator(headers: FastifyRequest["headers"]): boolean;
  /** Seconds to wait, or undefined to pass. */
  throttle: ((who: string) => number | undefined) | undefined;
  throttleSettings: { requests: number; perSeconds: number } | null;
  /** The clock on which a client waits; a user never moves it. */
  waits: Clock;
  timeoutMs: number;
  log: Log;
  /** Told of what a service has answered to a client's GET, before the answer goes out. */
  polled(answered: { target: string; tenant: string; body: unknown }): Promise<void> | undefined;
}

/** Thrown inside the pipeline; becomes the service's error. */
class Troubled extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble.is);
    this.trouble = trouble;
  }
}

const NOTHING = new Uint8Array();
/** PostgreSQL keeps no NUL in text, and nothing on this wire is named with one. */
const NUL = /%00/;
const nulIn = (where: Problem["in"]): Problem => ({
  in: where,
  field: "",
  rule: "pattern",
  message: "must not hold a NUL character",
});

/** Makes the handler of one operation: who, whose, how often, how, and only then what. */
export function serve(op: Operation, service: Service, front: Front) {
  // Compiled at the first request: most of the operations are never asked for in one run.
  let check: ReturnType<typeof compileChecks> | undefined;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const about: About = {
      requestId: request.id,
      language: languageOf(request.headers["x-language"]),
      operationId: op.id,
    };
    try {
      const limit = op.unhurried ? Number.POSITIVE_INFINITY : front.timeoutMs;
      const answer = await withinDeadline(front.waits, limit, async (deadline) => {
        const principal = await identify(op, front, request);
        const projectId = permit(op, principal, request);
        slow(service, front, projectId ?? principal.domainId);
        check ??= compileChecks(op);
        const { parts, problems } = check({ params: request.params, query: request.query, body: parse(op, request) });
        if (problems.length > 0) throw new Troubled({ is: "invalid", problems });
        if (NUL.test(request.url))
          throw new Troubled({
            is: "invalid",
            problems: [nulIn(NUL.test(request.url.split("?")[0] ?? "") ? "path" : "query")],
          });
        const said = await op.handle(callOf(request, parts, principal, projectId, about, deadline), front.house);
        if (projectId && op.method === "GET")
          await front.polled({ target: request.url, tenant: projectId, body: said.body });
        return said;
      });
      return await send(reply, op, answer);
    } catch (error) {
      return await sendError(reply, sayError(error, service, about, front.log));
    }
  };
}

const NOBODY: Principal = { userId: "", userName: "", domainId: "", domainName: "", project: null, may: () => false };

async function identify(op: Operation, front: Front, request: FastifyRequest): Promise<Principal> {
  if (op.access === "anyone") return NOBODY;
  if (op.access === "operator") {
    if (front.isOperator(request.headers)) return NOBODY;
    throw new Troubled({ is: "not-operator" });
  }
  const { project_id: projectId } = request.params as { project_id?: string };
  const { method = "", url = "" } = request.raw;
  const known = await front.authenticate({
    method,
    target: url,
    headers: request.headers,
    body: bytesOf(request),
    projectId,
  });
  if ("stranger" in known) throw new Troubled({ is: "stranger", stranger: known.stranger });
  return known.principal;
}

/** Tenancy before existence: the project first, then the right to the action. Answers the project. */
function permit(op: Operation, principal: Principal, request: FastifyRequest): string | undefined {
  if (op.access === "anyone" || op.access === "operator") return undefined;
  const { project_id: inPath } = request.params as { project_id?: string };
  if ((op.access ?? "project") === "project") {
    if (!principal.project || (inPath !== undefined && inPath !== principal.project.id)) {
      throw new Troubled({ is: "wrong-project", projectId: inPath ?? "" });
    }
  }
  if (op.action !== null && !principal.may(op.action)) throw new Troubled({ is: "forbidden", action: op.action });
  return principal.project?.id;
}

function slow(service: Service, front: Front, tenant: string): void {
  if (!front.throttle || !front.throttleSettings || tenant === "") return;
  const retryAfterSeconds = front.throttle(`${service.name}/${tenant}`);
  if (retryAfterSeconds !== undefined)
    throw new Troubled({ is: "throttled", ...front.throttleSettings, retryAfterSeconds });
}

const bytesOf = (request: FastifyRequest): Uint8Array => (request.body instanceof Uint8Array ? request.body : NOTHING);

/** The body as JSON, where the operation has one; whatever else is sent is left alone. */
function parse(op: Operation, request: FastifyRequest): unknown {
  const bytes = bytesOf(request);
  if (!op.body || bytes.length === 0) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.includes("\\u0000")) throw new SyntaxError("a NUL character is no text");
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Troubled({ is: "not-json", detail: error instanceof Error ? error.message : "it cannot be read" });
  }
}

function callOf(
  request: FastifyRequest,
  parts: { params: unknown; query: unknown; body: unknown },
  principal: Principal,
  projectId: string | undefined,
  about: About,
  deadline: Deadline,
): Call {
  const { requestId, language } = about;
  const caller = {
    tenant: projectId ?? "",
    userId: principal.userId,
    requestId,
    get signal() {
      return deadline.signal;
    },
  };
  return {
    ...parts,
    principal,
    caller,
    language,
    requestId,
    headers: request.headers,
    endpoint: `${request.protocol}://${request.host}`,
  };
}

function sayError(error: unknown, service: Service, about: About, log: Log): WireError {
  if (error instanceof Fault) return error.say(about);
  const trouble = troubleOf(error);
  if (trouble.is === "internal")
    log.error(
      { request_id: about.requestId, operation: about.operationId, error },
      "a request failed for a reason of Ebb's own",
    );
  return service.dialect(trouble, about) ?? gatewayDialect(trouble, about);
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Troubled) return error.trouble;
  if (error instanceof NotAccepted) return { is: "not-accepted", error };
  if (error instanceof DeadlineOver) return { is: "timeout" };
  return { is: "internal" };
}

async function send(reply: FastifyReply, op: Operation, { status, body, headers }: Reply): Promise<FastifyReply> {
  reply.code(status ?? op.success);
  if (headers) reply.headers(headers);
  return reply.send(body);
}

export async function sendError(reply: FastifyReply, { status, body, headers }: WireError): Promise<FastifyReply> {
  reply.code(status);
  if (headers) reply.headers(headers);
  if (typeof body === "string") reply.type("text/plain; charset=utf-8");
  return reply.send(body ?? undefined);
}
