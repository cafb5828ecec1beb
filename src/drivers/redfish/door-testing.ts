import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { Bmc } from "./bmc.ts";

export const SESSIONS = "/redfish/v1/SessionService/Sessions";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A door of its own on loopback, with whatever it answers, and what it was asked. */
export async function door(t: TestContext, answer: Answer, timeoutMs = 2_000) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return { url, asked, bmc: new Bmc("one", { url, user: "ebb", password: "hush-hush" }, timeoutMs) };
}

/** Opens sessions, and lets `inside` answer the rest. */
export const withSessions =
  (inside: Answer): Answer =>
  (request, response) => {
    if (request.method === "POST" && request.url === SESSIONS)
      response.writeHead(201, { "x-auth-token": "t", location: `${SESSIONS}/1` }).end();
    else inside(request, response);
  };
