import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Log } from "../log.ts";
import type { Operation, Service, Trouble } from "../wire/index.ts";
import { sayWire, send } from "./answers.ts";
import { readBodies } from "./bodies.ts";
import { gatewayDialect } from "./dialect.ts";
import { languageOf } from "./language.ts";
import { answerRaw } from "./raw.ts";
import { isOwn, record } from "./record.ts";
import { type Front, serve } from "./serve.ts";

export type { Authenticate, Front, Presented } from "./serve.ts";
export { createThrottle } from "./throttle.ts";

/** Documented limits: one header, and all headers together. A token may be long. */
const HEADER_LIMIT = 65_534;
const HEADERS_LIMIT = 256 * 1024;
/** How long a closing server waits for requests that are under way, in ms. */
const GRACE_MS = 5_000;

/** What Node's parser turns away, by its code; anything else is malformed. */
const RAW_TROUBLES: Readonly<Record<string, "headers-too-large" | "timeout">> = {
  HPE_HEADER_OVERFLOW: "headers-too-large",
  ERR_HTTP_REQUEST_TIMEOUT: "timeout",
};

export interface GatewayHouse extends Front {
  services: readonly Service[];
  bodyLimit: number;
}

/** Builds the front door with every service's operations behind it. Not yet listening. */
export function createGateway(house: GatewayHouse): FastifyInstance {
  const app = Fastify({
    logger: false,
    genReqId: () => house.house.ids.hex32(),
    requestIdHeader: false,
    bodyLimit: house.bodyLimit,
    requestTimeout: house.timeoutMs,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
    exposeHeadRoutes: false,
    http: { maxHeaderSize: HEADERS_LIMIT },
    frameworkErrors: (_error, request, reply) =>
      void refuse(house, { is: "malformed" }, request, reply as unknown as FastifyReply),
    clientErrorHandler: (error, socket) => {
      const requestId = house.house.ids.hex32();
      const trouble: Trouble = { is: RAW_TROUBLES[error.code] ?? "malformed" };
      answerRaw(socket, requestId, gatewayDialect(trouble, { requestId, language: "en-us", operationId: undefined }));
    },
  });
  readBodies(app, house.bodyLimit);
  frame(app, house);
  for (const service of house.services) {
    for (const op of service.operations) {
      app.route({
        method: op.method,
        url: routeOf(op),
        handler: serve(op, service, house),
        config: { operation: op.id },
      });
    }
  }
  return app;
}

/** `{name}` as the router writes it. */
const routeOf = (op: Operation): string => op.path.replace(/\{(\w+)\}/g, ":$1");

/** What every answer has, and what is answered where no operation is. */
function frame(app: FastifyInstance, house: GatewayHouse): void {
  // A connection that was busy when the closing began is let go with its answer, not with its keep-alive time.
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
    setTimeout(() => app.server.closeAllConnections(), GRACE_MS).unref();
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    const long = Object.values(request.headers).some(
      (value) => typeof value === "string" && value.length > HEADER_LIMIT,
    );
    if (long) void refuse(house, { is: "headers-too-large" }, request, reply);
    else done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    logRequest(house.log, request, reply);
    if (closing) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
  app.setNotFoundHandler((request, reply) => refuse(house, { is: "no-such-route" }, request, reply));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const tooLarge = error.statusCode === 413;
    const ours = !tooLarge && (error.statusCode ?? 500) >= 500;
    if (ours) house.log.error({ request_id: request.id, error }, "a request failed before its operation");
    return refuse(
      house,
      tooLarge ? { is: "body-too-large", limit: house.bodyLimit } : { is: ours ? "internal" : "malformed" },
      request,
      reply,
    );
  });
}

function logRequest(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  const { method, routeOptions } = request;
  const { operation } = routeOptions.config as { operation?: string };
  const ms = Math.round(reply.elapsedTime * 10) / 10;
  log.info(
    { request_id: request.id, method, route: routeOptions.url, operation, status: reply.statusCode, ms },
    "request",
  );
}

function refuse(
  { requests, house }: Front,
  trouble: Trouble,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.header("x-request-id", request.id);
  const about = { requestId: request.id, language: languageOf(request.headers["x-language"]), operationId: undefined };
  const said = sayWire(gatewayDialect(trouble, about));
  if (!isOwn(request.url)) record(requests, house.clock, request, reply, said);
  return send(reply, said);
}
