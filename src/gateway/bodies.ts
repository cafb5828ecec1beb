import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyRequest } from "fastify";

/**
 * Bodies are kept as bytes, whatever their type: a signature is over bytes, and on GET too. A request that announces no
 * body is not waited for. One past `limit` bytes is refused as Fastify refuses it, with status 413.
 */
export function readBodies(app: FastifyInstance, limit: number): void {
  app.addHttpMethod("GET", { hasBody: true, overrideExisting: true });
  app.addHttpMethod("DELETE", { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", async (request: FastifyRequest, payload: IncomingMessage) => {
    const { "content-length": length, "transfer-encoding": encoding } = request.headers;
    if ((length === undefined || length === "0") && encoding === undefined) return undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of payload as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw Object.assign(new Error(`the body is longer than ${limit} bytes`), { statusCode: 413 });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  });
}
