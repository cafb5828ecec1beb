import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../clock.ts";
import { bodyOf, publicHeaders, type RequestLog } from "../operator/index.ts";
import { JSON_TYPE, type Said } from "./answers.ts";
import { type Asked, bytesOf } from "./asked.ts";

/** Ebb's own API stands below this path: nothing of it is recorded, and no fault strikes it. */
const OWN = "/ebb/";
export const isOwn = (path: string): boolean => path.startsWith(OWN);

const textOf = (bytes: Uint8Array): string =>
  bytes.length === 0 ? "" : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();

const NO_FAULTS: readonly never[] = [];

/** Keeps one request of the cloud's wire and its answer, before the answer is sent: who has it, finds it recorded. */
export function record(
  requests: RequestLog,
  clock: Clock,
  request: FastifyRequest,
  reply: FastifyReply,
  said: Said,
  asked?: Asked,
): void {
  const { method, url } = request;
  const hit = asked?.hit;
  const unsaid = hit?.answer === "reset" || hit?.answer === "lost";
  requests.add({
    number: 0,
    requestId: request.id,
    at: clock.now(),
    ms: Math.round(reply.elapsedTime * 10) / 10,
    method,
    target: url,
    route: asked?.op.path,
    headers: publicHeaders(request.headers),
    body: bodyOf(textOf(bytesOf(request))),
    service: asked?.service.name,
    operation: asked?.op.id,
    tenant: asked?.tenant ?? "",
    status: unsaid ? undefined : said.status,
    answerHeaders: said.headers === JSON_TYPE ? JSON_TYPE : publicHeaders(said.headers),
    answerBody: bodyOf(typeof said.body === "string" ? said.body : ""),
    faults: hit || asked?.goneHit ? [hit, asked?.goneHit].filter((one) => one !== undefined) : NO_FAULTS,
  });
}
