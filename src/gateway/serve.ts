import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../clock.ts";
import type { Faults } from "../faults/index.ts";
import type { Log } from "../log.ts";
import type { RequestLog } from "../operator/index.ts";
import type { About, Call, House, Operation, Principal, Problem, Service, Stranger } from "../wire/index.ts";
import { type Said, sayError, sayReply, sayWire, send, Troubled } from "./answers.ts";
import { type Asked, bytesOf } from "./asked.ts";
import { compileChecks } from "./check.ts";
import { type Deadline, withinDeadline } from "./deadline.ts";
import { deliver } from "./deliver.ts";
import { strikeGone } from "./gone.ts";
import { Injected, strike } from "./inject.ts";
import { languageOf } from "./language.ts";
import { isOwn, record } from "./record.ts";

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
  /** What a test wants to go wrong. Ebb's own API is never struck. */
  faults: Faults;
  /** Where the requests of the cloud's wire are kept. */
  requests: RequestLog;
}

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
  const limit = op.unhurried ? Number.POSITIVE_INFINITY : front.timeoutMs;
  const own = isOwn(op.path);

  const run = async (asked: Asked, deadline: Deadline): Promise<Said> => {
    const { request, about } = asked;
    const principal = await identify(op, front, request);
    const projectId = permit(op, principal, request);
    asked.tenant = projectId ?? principal.domainId;
    asked.account = principal.domainId;
    slow(service, front, asked.tenant);
    if (!own && front.faults.onWire) await strike(asked, front.faults, front.waits, deadline);
    check ??= compileChecks(op);
    const { parts, problems } = check({ params: request.params, query: request.query, body: parse(op, request) });
    if (problems.length > 0) throw new Troubled({ is: "invalid", problems });
    mustHaveNoNul(request);
    asked.call = callOf(request, parts, principal, projectId, about, deadline);
    const answer = await op.handle(asked.call, front.house);
    if (projectId && op.method === "GET")
      await front.polled({ target: request.url, tenant: projectId, body: answer.body });
    return sayReply(op, answer);
  };

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const language = languageOf(request.headers["x-language"]);
    const about: About = { requestId: request.id, language, operationId: op.id };
    const asked: Asked = { ...NOT_YET, op, service, request, about };
    let said: Said;
    let failed: unknown;
    try {
      said = await withinDeadline(front.waits, limit, (deadline) => run(asked, deadline));
    } catch (error) {
      failed = error;
      said = error instanceof Injected ? error.said : sayWire(sayError(error, service, about, front.log));
    }
    if (own) return send(reply, said);
    if (front.faults.onWire) said = await strikeGone(asked, front.faults, front.house, said, failed);
    record(front.requests, front.house.clock, request, reply, said, asked);
    return deliver(reply, said, asked.hit);
  };
}

const NOT_YET = { tenant: "", account: "", call: undefined, hit: undefined, goneHit: undefined };

function mustHaveNoNul({ url }: FastifyRequest): void {
  if (!NUL.test(url)) return;
  throw new Troubled({
    is: "invalid",
    problems: [nulIn(NUL.test(url.split("?")[0] ?? "") ? "path" : "query")],
  });
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
