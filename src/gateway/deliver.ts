import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";
import type { CallAnswer, Hit } from "../faults/index.ts";
import { type Said, send } from "./answers.ts";

/** Sends the answer, or breaks the connection as the fault asks. */
export function deliver(
  reply: FastifyReply,
  said: Said,
  hit: Hit<CallAnswer> | undefined,
): FastifyReply | Promise<FastifyReply> {
  switch (hit?.answer) {
    case "reset":
    case "lost":
      reply.hijack();
      reply.raw.socket?.resetAndDestroy();
      return reply;
    case "cut":
      reply.hijack();
      cut(reply, said);
      return reply;
    default:
      return send(reply, said);
  }
}

/**
 * Promises the whole body, sends half of it and closes. An answer without a body ends inside its headers; one that is
 * sent as it comes ends before its first byte.
 */
function cut(reply: FastifyReply, { status, headers, body }: Said): void {
  const { raw } = reply;
  const { socket } = raw;
  if (body === undefined) socket?.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nContent-Le`);
  else {
    const bytes = Buffer.from(typeof body === "string" ? body : "");
    raw.statusCode = status;
    for (const [name, value] of Object.entries(reply.headers(headers).getHeaders()))
      if (value !== undefined) raw.setHeader(name, value);
    raw.setHeader("content-length", Math.max(1, bytes.length));
    raw.flushHeaders();
    raw.write(bytes.subarray(0, bytes.length >> 1));
  }
  socket?.destroySoon();
}
