import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { ACCOUNT } from "./emulator.ts";

export interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** What goes wrong on the way to the BMC; it answers true when it has answered in the BMC's place. */
export type Trouble = (asked: Asked, response: ServerResponse, pass: () => Promise<Response>) => Promise<boolean>;

/** A door in front of the emulator: sessions, which the emulator has not, and whatever trouble a test makes. */
export interface Proxy {
  url: string;
  asked: Asked[];
  trouble: Trouble | undefined;
  /** Ends every session, as a BMC does by itself after a while. */
  expire(): void;
  sessions: Set<string>;
}

const SESSIONS = "/redfish/v1/SessionService/Sessions";

export async function startProxy(t: TestContext, target: string): Promise<Proxy> {
  const proxy: Proxy = {
    url: "",
    asked: [],
    trouble: undefined,
    sessions: new Set(),
    expire: () => proxy.sessions.clear(),
  };
  const server = createServer((request, response) => {
    answer(proxy, target, request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return proxy;
}

async function answer(proxy: Proxy, target: string, request: IncomingMessage, response: ServerResponse) {
  let body = "";
  for await (const part of request) body += String(part);
  const asked: Asked = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
  proxy.asked.push(asked);
  const pass = () => passOn(target, asked);
  if (proxy.trouble && (await proxy.trouble(asked, response, pass))) return;
  if (asked.path.startsWith(SESSIONS)) return session(proxy, asked, response);
  if (!proxy.sessions.has(String(request.headers["x-auth-token"]))) return void response.writeHead(401).end();
  const real = await pass();
  const type = real.headers.get("content-type");
  response.writeHead(real.status, type === null ? {} : { "content-type": type });
  response.end(Buffer.from(await real.arrayBuffer()));
}

function session({ sessions }: Proxy, { method, path, body }: Asked, response: ServerResponse): void {
  if (method === "DELETE") {
    sessions.delete(path.slice(SESSIONS.length + 1));
    return void response.writeHead(204).end();
  }
  const { UserName, Password } = JSON.parse(body) as { UserName: string; Password: string };
  if (UserName !== ACCOUNT.user || Password !== ACCOUNT.password) return void response.writeHead(401).end();
  const token = `session-${Math.random().toString(36).slice(2)}`;
  sessions.add(token);
  response.writeHead(201, { "x-auth-token": token, location: `${SESSIONS}/${token}` }).end("{}");
}

/** To the emulator itself, with the account that it knows. */
export function passOn(target: string, { method, path, body }: Pick<Asked, "method" | "path" | "body">) {
  const basic = Buffer.from(`${ACCOUNT.user}:${ACCOUNT.password}`).toString("base64");
  return fetch(target + path, {
    method,
    headers: { authorization: `Basic ${basic}`, "content-type": "application/json" },
    ...(body === "" ? {} : { body }),
    signal: AbortSignal.timeout(20_000),
  });
}
