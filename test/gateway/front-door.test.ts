import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { MovableClock } from "../../src/clock.ts";
import { type Log, silentLog } from "../../src/log.ts";
import { startServer } from "../../src/server.ts";
import type { Point } from "../../src/store/index.ts";
import { START, startEbb } from "../harness.ts";
import { freshStore } from "../store.ts";

/** Sends bytes as they are and reads what comes back until the connection ends. */
function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

test("an unknown route is the gateway's 404, with the request's id in body and header", async (t) => {
  const ebb = await startEbb(t);
  for (const [method, path] of [
    ["GET", "/nothing/here"],
    ["PATCH", "/v1/workspaces"],
    ["GET", "/"],
  ] as const) {
    const answer = await ebb.ask(method, path);
    assert.equal(answer.status, 404);
    assert.equal(answer.body.error_code, "APIGW.0101");
    assert.match(answer.body.request_id, /^[0-9a-f]{32}$/);
    assert.equal(answer.headers.get("x-request-id"), answer.body.request_id);
  }
});

test("every answer has an id of its own, whatever the client sends for one", async (t) => {
  const ebb = await startEbb(t);
  const ids = new Set<string | null>();
  for (let i = 0; i < 3; i++) {
    const answer = await ebb.one.ask("GET", "/v1/workspaces", undefined, { "x-request-id": "mine" });
    assert.equal(answer.status, 200);
    ids.add(answer.headers.get("x-request-id"));
  }
  assert.equal(ids.size, 3);
  assert.ok(!ids.has("mine"));
});

test("a method that no server knows is answered in the gateway's words", async (t) => {
  const ebb = await startEbb(t);
  const answer = await raw(ebb.url, "FROBNICATE /v1/workspaces HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /"error_code":"APIGW\.0201"/);
  assert.match(answer, /x-request-id: [0-9a-f]{32}/i);
});

test("a path that cannot be decoded is answered in the gateway's words", async (t) => {
  const ebb = await startEbb(t);
  const answer = await raw(ebb.url, "GET /v1/workspaces/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /"error_code":"APIGW\.0201"/);
});

test("a body of 2 MB is refused with 413, and nothing of it is kept", async (t) => {
  const ebb = await startEbb(t);
  const answer = await ebb.one.ask("POST", "/v1/workspaces", {
    name: "big-one",
    description: "x".repeat(2 * 1024 * 1024),
  });
  assert.equal(answer.status, 413);
  assert.equal(answer.body.error_code, "APIGW.0201");
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.total, 0);
});

test("a body of 2 MB sent without its length is refused as well", async (t) => {
  const ebb = await startEbb(t);
  const chunk = "x".repeat(64 * 1024);
  const body = ReadableStream.from(
    (function* () {
      for (let i = 0; i < 32; i++) yield new TextEncoder().encode(chunk);
    })(),
  );
  const response = await fetch(`${ebb.url}/v1/workspaces`, {
    method: "POST",
    body,
    duplex: "half",
    headers: { "x-auth-token": ebb.one.token, "content-type": "application/json" },
  }).catch(() => undefined);
  if (response) assert.equal(response.status, 413);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.total, 0);
});

test("a token of 100 KB is too large a header, and headers past all measure too", async (t) => {
  const ebb = await startEbb(t);
  const answer = await ebb.ask("GET", "/v1/workspaces", undefined, { "x-auth-token": "x".repeat(100 * 1024) });
  assert.equal(answer.status, 494);
  assert.deepEqual([answer.body.error_code, answer.body.error_msg], ["APIGW.0201", "Request headers too large."]);
  const past = await raw(
    ebb.url,
    `GET /v1/workspaces HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${"x".repeat(600 * 1024)}\r\n\r\n`,
  ).catch(() => "reset");
  if (past !== "reset") assert.match(past, /^HTTP\/1\.1 494 /);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 200, "the server is still there");
});

test("a token as long as the services document is looked up, not refused for its length", async (t) => {
  const ebb = await startEbb(t);
  const answer = await ebb.ask("GET", "/v1/workspaces", undefined, { "x-auth-token": "x".repeat(65_534) });
  assert.equal(answer.status, 401);
});

test("a body that is not JSON is the service's own 400, after the caller is known", async (t) => {
  const ebb = await startEbb(t);
  assert.equal((await ebb.ask("POST", "/v1/workspaces", "{not json")).status, 401);
  const answer = await ebb.one.ask("POST", "/v1/workspaces", "{not json");
  assert.equal(answer.status, 400);
  assert.equal(answer.body.error_code, "common.01000001");
});

test("a GET may carry a JSON body, and a DELETE may carry none", async (t) => {
  const ebb = await startEbb(t);
  const answer = await raw(
    ebb.url,
    `GET /v1/workspaces HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${ebb.one.token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  const deleted = await raw(
    ebb.url,
    `DELETE /v1/workspaces/none HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${ebb.one.token}\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n`,
  );
  assert.match(deleted, /^HTTP\/1\.1 404 /);
});

test("throttling is off by default; set, it answers 429 to the one tenant and not to the other", async (t) => {
  const waits = new MovableClock({ frozenAt: START });
  const ebb = await startEbb(t, { settings: { throttle: { requests: 3, perSeconds: 60 } }, ports: { waits } });
  for (let i = 0; i < 3; i++) assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 200);
  const slowed = await ebb.one.ask("GET", "/v1/workspaces");
  assert.equal(slowed.status, 429);
  assert.equal(slowed.body.error_code, "APIGW.0308");
  assert.ok(Number(slowed.headers.get("retry-after")) > 0);
  assert.equal((await ebb.two.ask("GET", "/v1/workspaces")).status, 200);
  waits.advance(60_000);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 200);
});

test("a failure of Ebb's own is a bare 500 in the service's words, and its reason is in the log under the request's id", async (t) => {
  const lines: { fields: Record<string, unknown>; message: string }[] = [];
  const log: Log = {
    info: () => {},
    warn: () => {},
    error: (fields, message) => void lines.push({ fields: { ...fields }, message }),
  };
  const ebb = await startEbb(t, { ports: { log } });
  t.mock.method(ebb.house.lifecycle, "list", async () => {
    throw new Error("the secret reason");
  });
  const answer = await ebb.one.ask("GET", "/v1/workspaces");
  assert.equal(answer.status, 500);
  assert.deepEqual(answer.body, { error_code: "common.00000500", error_msg: "internal error" });
  const line = lines.find((one) => one.fields.request_id === answer.headers.get("x-request-id"));
  assert.match(String(line?.fields.error), /the secret reason/);
});

test("no token, key or password is ever in the log", async (t) => {
  const lines: string[] = [];
  const keep = (fields: object, message: string) => void lines.push(JSON.stringify(fields) + message);
  const ebb = await startEbb(t, { ports: { log: { info: keep, warn: keep, error: keep } } });
  await ebb.one.ask("GET", "/v1/workspaces?token=hidden");
  await ebb.ask("GET", "/v1/workspaces", undefined, { "x-auth-token": "garbage-token" });
  await ebb.ask("POST", "/v3/auth/tokens", {
    auth: {
      identity: {
        methods: ["password"],
        password: { user: { name: "one", password: "wrong-Passw0rd", domain: { name: "acct-one" } } },
      },
    },
  });
  await ebb.settle();
  const all = lines.join("\n");
  assert.ok(lines.length >= 3);
  for (const secret of [ebb.one.token, "garbage-token", "wrong-Passw0rd", "Passw0rd-one", "hidden"])
    assert.ok(!all.includes(secret), secret);
});

test("a request that outlives its deadline changes nothing", async (t) => {
  const waits = new MovableClock({ frozenAt: START });
  const ebb = await startEbb(t, { ports: { waits } });
  const accepting = Promise.withResolvers<void>();
  const latch = Promise.withResolvers<void>();
  const write = ebb.store.write.bind(ebb.store);
  t.mock.method(ebb.store, "write", ((point: Point, change: Parameters<typeof write>[1], options: object) =>
    write(
      point,
      async (tx) => {
        const done = await change(tx);
        if (point === "accept") {
          accepting.resolve();
          await latch.promise;
        }
        return done;
      },
      options,
    )) as typeof ebb.store.write);
  const asked = ebb.one.ask("POST", "/v1/workspaces", { name: "too-late" });
  await accepting.promise;
  waits.advance(ebb.settings.requestTimeoutMs);
  const answer = await asked;
  assert.equal(answer.status, 408);
  assert.deepEqual(answer.body, { error_code: "common.00000408", error_msg: "timeout exception occurred" });
  latch.resolve();
  await ebb.store.write("test", async () => {});
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.total, 0);
});

test("a port in use is said as such, and leaves the store closed and free", async (t) => {
  const ebb = await startEbb(t);
  const { dataDir, store, remove } = await freshStore();
  t.after(remove);
  const settings = { ...ebb.settings, dataDir, store, port: Number(new URL(ebb.url).port) };
  await assert.rejects(startServer(settings, { log: silentLog }), { code: "EADDRINUSE" });
  await (await startServer({ ...settings, port: 0 }, { log: silentLog })).close();
});

test("closing answers the request that is under way, and waits for no idle connection", async (t) => {
  const ebb = await startEbb(t);
  const asked = Promise.withResolvers<void>();
  const latch = Promise.withResolvers<void>();
  const list = ebb.house.lifecycle.list.bind(ebb.house.lifecycle);
  t.mock.method(ebb.house.lifecycle, "list", async (filter: Parameters<typeof list>[0]) => {
    asked.resolve();
    await latch.promise;
    return list(filter);
  });
  const answer = ebb.one.ask("GET", "/v1/workspaces");
  await asked.promise;
  const since = performance.now();
  const closed = ebb.close();
  latch.resolve();
  assert.equal((await answer).status, 200);
  await closed;
  assert.ok(performance.now() - since < 10_000, "a keep-alive connection lasts 72 s");
});

test("a NUL character is refused in the service's words, on both stores alike", async (t) => {
  const ebb = await startEbb(t);
  const inBody = await ebb.one.ask("POST", "/v1/workspaces", '{"name":"with-nul","description":"a\\u0000b"}');
  const inQuery = await ebb.one.ask("GET", "/v1/workspaces?name=a%00b");
  const inPath = await ebb.one.ask("GET", `/v1/${ebb.one.projectId}/demanager/instances/a%00b`);
  assert.deepEqual([inBody.status, inQuery.status, inPath.status], [400, 400, 400]);
  assert.equal(inQuery.body.error_code, "common.01000001");
  assert.match(inPath.body.error_code, /^ModelArts\./);
});
