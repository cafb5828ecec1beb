import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { WireError } from "../wire/index.ts";

/** Answers on a socket whose request Node's parser has turned away, before there is a request to answer. */
export function answerRaw(socket: Socket, requestId: string, { status, body }: WireError): void {
  if (!socket.writable) return;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Request Rejected"}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(text)}`,
    `X-Request-Id: ${requestId}`,
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${text}`);
}
