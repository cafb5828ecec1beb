import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNTS, type Ebb, START, startEbb } from "../../../test/harness.ts";
import { bodyOf, publicHeaders, type Recorded, RequestLog } from "./log.ts";
import { redactBody } from "./redact.ts";

const UUID = "0a1b2c3d-1111-4222-8333-444455556666";
const HOUR = 3_600_000;
const list = async (ebb: Ebb, query = "") => (await ebb.operator("GET", `/requests${query}`)).body;

test("a request is shown as the client sent it, and as it was answered", async (t) => {
  const ebb = await startEbb(t);
  await ebb.operator("DELETE", "/requests");
  const body = { name: "shown", description: "what a client says" };
  const answer = await ebb.one.ask("POST", "/v1/workspaces?dry=no&tag=a&tag=b", body, {
    "x-sdk-date": "20260105T080000Z",
  });
  const { requests, next } = await list(ebb);
  assert.deepEqual([requests.length, next], [1, null]);
  const { headers, ms, number, ...one } = requests[0];
  assert.equal(headers["x-sdk-date"], "20260105T080000Z");
  assert.equal(headers["x-auth-token"], "***");
  assert.ok(ms >= 0 && number > 0);
  assert.deepEqual(one, {
    id: answer.headers.get("x-request-id"),
    at: new Date(START).toISOString(),
    service: "dataartsfabric",
    operation: "CreateWorkspace",
    tenant: ebb.one.projectId,
    method: "POST",
    path: "/v1/workspaces",
    query: { dry: "no", tag: ["a", "b"] },
    body,
    answer: {
      status: 200,
      headers: { "x-request-id": one.id, "content-type": "application/json; charset=utf-8" },
      body: answer.body,
    },
    faults: [],
  });
});

test("what no service answers is shown too, and Ebb's own API never", async (t) => {
  const ebb = await startEbb(t);
  await ebb.operator("DELETE", "/requests");
  await ebb.ask("GET", "/v1/workspaces");
  await ebb.ask("PUT", "/no/such/route", { a: 1 });
  await ebb.operator("GET", "/no-such-thing");
  await ebb.ask("GET", "/ebb/v1/faults");
  await ebb.one.ask("POST", "/v1/workspaces", "{no json");
  const { requests } = await list(ebb);
  assert.deepEqual(
    requests.map((one: any) => [one.path, one.answer.status, one.operation, one.tenant]), // oxlint-disable-line typescript/no-explicit-any -- answers of the API
    [
      ["/v1/workspaces", 401, "ListWorkspaces", null],
      ["/no/such/route", 404, null, null],
      ["/v1/workspaces", 400, "CreateWorkspace", ebb.one.projectId],
    ],
  );
  assert.deepEqual(requests[1].body, { a: 1 });
  assert.equal(requests[2].body, "{no json");
});

test("requests are filtered, paged from a number or a time on, and forgotten", async (t) => {
  const ebb = await startEbb(t);
  await ebb.operator("DELETE", "/requests");
  const { last: start } = await list(ebb);
  for (let i = 0; i < 3; i++) await ebb.one.ask("GET", "/v1/workspaces");
  await ebb.pass(HOUR);
  await ebb.two.ask("GET", `/v1/${ebb.two.projectId}/instances`);
  await ebb.two.ask("DELETE", `/v1/workspaces/${UUID}`);
  const numbers = async (query: string) =>
    (await list(ebb, query)).requests.map(({ number }: { number: number }) => number - start);
  assert.deepEqual(await numbers(""), [1, 2, 3, 4, 5]);
  assert.deepEqual(await numbers("?limit=2"), [4, 5], "the newest, where no start is given");
  assert.deepEqual(await numbers("?service=clouddc"), [4]);
  assert.deepEqual(await numbers("?service=fabric&method=DELETE"), [5]);
  assert.deepEqual(await numbers("?operation=ListWorkspaces"), [1, 2, 3]);
  assert.deepEqual(await numbers(`?tenant=${ebb.two.projectId}`), [4, 5]);
  assert.deepEqual(await numbers("?status=404"), [5]);
  assert.deepEqual(await numbers(`?since=${new Date(START + HOUR).toISOString()}`), [4, 5]);
  const first = await list(ebb, `?since=${start}&limit=2`);
  assert.deepEqual([first.next, first.last], [String(start + 2), start + 5]);
  assert.deepEqual(await numbers(`?since=${first.next}&limit=9`), [3, 4, 5]);
  assert.deepEqual((await ebb.operator("DELETE", "/requests")).body, { cleared: 5 });
  assert.deepEqual((await list(ebb)).requests, []);
});

test("a filter that can find nothing is refused", async (t) => {
  const ebb = await startEbb(t);
  for (const [query, message] of [
    ["?service=nothing", /no service nothing/],
    ["?operation=ListWorkspace", /did you mean ListWorkspaces/],
    ["?service=clouddc&operation=ListWorkspaces", /is an operation of fabric/],
    ["?since=yesterday", /neither a number nor a time/],
    ["?limit=0", /limit/],
    ["?limit=1001", /limit/],
    ["?status=9", /status/],
    ["?method=LOOK", /method/],
  ] as const) {
    const answer = await ebb.operator("GET", `/requests${query}`);
    assert.equal(answer.status, 400, query);
    assert.match(answer.body.error.message, message);
  }
});

test("a long body is cut with a mark, and one past all measure is only counted", async (t) => {
  const ebb = await startEbb(t);
  const long = { name: "long", description: "x".repeat(20_000), password: "never-Shown-1" };
  await ebb.one.ask("POST", "/v1/workspaces", long);
  await ebb.one.ask("POST", "/v1/workspaces", { ...long, description: "y".repeat(300_000) });
  const { requests } = await list(ebb, "?operation=CreateWorkspace");
  assert.equal(requests[0].body.length, 16 * 1024);
  assert.equal(requests[0].body_cut, JSON.stringify(long).length);
  assert.match(requests[0].body, /^\{"name":"long","description":"xxx/);
  assert.deepEqual([requests[1].body, requests[1].body_cut > 300_000], [null, true]);
  assert.ok(!JSON.stringify(requests).includes("never-Shown-1"));
});

const ONE = { requestId: "r", at: START, ms: 1, method: "GET", target: "/", route: "/", headers: {}, tenant: "" };
const recorded = (body: string): Recorded => {
  const answered = { service: "s", operation: "o", status: 200, answerHeaders: {}, answerBody: undefined, faults: [] };
  return { number: 0, ...ONE, ...answered, body: bodyOf(body) };
};

test("the last thousand are kept, and no more than the memory that is set aside", () => {
  const log = new RequestLog();
  for (let i = 0; i < 1_050; i++) log.add(recorded("small"));
  const kept = log.list();
  assert.deepEqual([kept.length, kept[0]?.number, kept.at(-1)?.number, log.count], [1_000, 51, 1_050, 1_050]);
  for (let i = 0; i < 100; i++) log.add(recorded("x".repeat(250_000)));
  const characters = log.list().reduce((sum, { body }) => sum + String(body).length, 0);
  assert.ok(characters <= 8 * 1024 * 1024 && characters > 7 * 1024 * 1024, `${characters} characters`);
  assert.equal(log.clear(), 33);
  log.add(recorded("next"));
  assert.deepEqual(
    log.list().map(({ number }) => number),
    [1_151],
  );
});

test("no secret header is even kept", () => {
  const headers = { authorization: "a", "X-Auth-Token": "b", "x-project-id": "c", "set-cookie": ["d"] };
  assert.deepEqual(publicHeaders(headers), {
    authorization: "***",
    "X-Auth-Token": "***",
    "x-project-id": "c",
    "set-cookie": "***",
  });
});

test("what fell out is said", async (t) => {
  const ebb = await startEbb(t);
  await ebb.operator("DELETE", "/requests");
  const { last, forgotten } = await list(ebb);
  assert.equal(forgotten, last);
});

test("a fault that struck is named, and what was never answered has no answer", async (t) => {
  const ebb = await startEbb(t);
  const add = async (answer: unknown) =>
    (await ebb.operator("POST", "/faults", { on: "call", operation: "ListWorkspaces", answer, first: 1 })).body.id;
  const ids = [await add("reset"), await add("lost"), await add({ status: 429 }), await add("cut")];
  for (const _ of ids) await ebb.one.ask("GET", "/v1/workspaces").catch(() => {});
  const { requests } = await list(ebb, "?operation=ListWorkspaces");
  assert.deepEqual(
    requests.map((one: any) => [one.faults[0].id, one.answer?.status ?? null]), // oxlint-disable-line typescript/no-explicit-any -- answers of the API
    [
      [ids[0], null],
      [ids[1], null],
      [ids[2], 429],
      [ids[3], 200],
    ],
  );
});

/** Every way in which a client shows or is given a secret, and the secrets themselves. */
async function session(ebb: Ebb): Promise<string[]> {
  const { projectId } = ebb.one;
  const [{ users }] = ACCOUNTS as [(typeof ACCOUNTS)[0]];
  const [user] = users as [(typeof users)[0]];
  const made = await ebb.one.ask("POST", "/v3.0/OS-CREDENTIAL/credentials", { credential: { user_id: user.id } });
  const { access, secret } = made.body.credential;
  const pair = { access: { key: access }, secret: { key: secret } };
  const scope = { project: { id: projectId } };
  const byKey = await ebb.ask("POST", "/v3/auth/tokens", {
    auth: { identity: { methods: ["hw_ak_sk"], hw_ak_sk: pair }, scope },
  });
  assert.equal(byKey.status, 201, byKey.text);
  const token = byKey.headers.get("x-subject-token") ?? "";
  await ebb.ask("POST", "/v3/auth/tokens", { auth: { identity: { methods: ["token"], token: { id: token } }, scope } });
  await ebb.one.ask("GET", "/v3/auth/tokens", undefined, { "x-subject-token": token });
  await ebb.one.ask("GET", `/v3.0/OS-CREDENTIAL/credentials/${access}`);
  const wrong = { name: user.name, password: "wrong-Passw0rd-9", domain: { name: "acct-one" } };
  await ebb.ask("POST", "/v3/auth/tokens", {
    auth: { identity: { methods: ["password"], password: { user: wrong } } },
  });
  await ebb.ask("POST", "/v3/auth/tokens", '{"auth": {"password": "malformed-Passw0rd", ');
  await ebb.ask("GET", "/v1/workspaces?token=query-Secret-1&name=x", undefined, {
    authorization: "SDK-HMAC-SHA256 Access=HEADERACCESS, Signature=headerSignature1",
    "x-security-token": "header-Security-Token",
    cookie: "session=cookie-Secret-1",
    "x-api-key": "header-Api-Key-1",
  });
  const host = { name: "host", image_id: UUID, vpc_id: UUID, network_interfaces: [{ subnet_id: UUID }] };
  const instance = (
    await ebb.one.ask("POST", `/v1/${projectId}/instances`, { ...host, password: "Instance-Passw0rd-1" })
  ).body;
  await ebb.pass(HOUR);
  const changed = { new_password: "Changed-Passw0rd-1", instance_id_set: [instance.instance_id] };
  await ebb.one.ask("PUT", `/v1/${projectId}/instances/password`, changed);
  await ebb.one.ask("POST", `/v3/${projectId}/instances`, {
    name: "db-1",
    password: "Database-Passw0rd-1",
    adminPass: "Admin-Pass-1",
  });
  const notebook = await ebb.one.ask("POST", `/v1/${projectId}/demanager/instances`, {
    name: "nb",
    profile_id: "Multi-Engine 1.0 (python3)-cpu",
    flavor: "modelarts.vm.cpu.2u",
    spec: { storage: { type: "obs", location: { path: "/bucket/dir/" } } },
  });
  await ebb.pass(HOUR);
  const path = `/v1/${projectId}/demanager/instances/${notebook.body.id}`;
  const opener = await ebb.one.ask("GET", `${path}/token`);
  assert.equal(opener.status, 200, opener.text);
  await ebb.one.ask("GET", path);
  return [
    ebb.one.token,
    token,
    access,
    secret,
    user.password,
    opener.body.token,
    "wrong-Passw0rd-9",
    "malformed-Passw0rd",
    "query-Secret-1",
    "HEADERACCESS",
    "headerSignature1",
    "header-Security-Token",
    "cookie-Secret-1",
    "header-Api-Key-1",
    "Instance-Passw0rd-1",
    "Changed-Passw0rd-1",
    "Database-Passw0rd-1",
    "Admin-Pass-1",
  ];
}

test("no secret of a whole session shows anywhere in what was recorded", async (t) => {
  const ebb = await startEbb(t);
  const secrets = await session(ebb);
  const answer = await ebb.operator("GET", "/requests?limit=1000");
  assert.ok(answer.body.requests.length >= 15);
  for (const secret of secrets) {
    assert.ok(secret.length > 8, `${secret} is too short to look for`);
    assert.ok(!answer.text.includes(secret), `${secret} is shown`);
  }
  const byKey = answer.body.requests.find((one: { body?: { auth?: { identity?: object } } }) =>
    JSON.stringify(one.body ?? "").includes("hw_ak_sk"),
  );
  assert.deepEqual(byKey.body.auth.scope, { project: { id: ebb.one.projectId } }, "what is no secret stays readable");
  assert.match(answer.text, /"name":"one","password":"\*\*\*","domain":\{"name":"acct-one"\}/);
});

function shown(value: unknown): unknown {
  const said = redactBody(JSON.stringify(value));
  return "json" in said ? said.json : said.text;
}

test("secrets are found by their fields' names, at any depth", () => {
  assert.deepEqual(shown({ a: [{ b: { adminPass: "x", user_name: "y", n: 1 } }] }), {
    a: [{ b: { adminPass: "***", user_name: "y", n: 1 } }],
  });
  assert.deepEqual(shown({ credential: { access: "a", secret: "s", user_id: "u", status: "active" } }), {
    credential: { access: "***", secret: "***", user_id: "u", status: "active" },
  });
  assert.deepEqual(shown({ secret: { material: "m", type: "t" }, tokens: ["a", { id: "b" }], sk: 1 }), {
    secret: { material: "***", type: "t" },
    tokens: ["***", { id: "***" }],
    sk: "***",
  });
  assert.deepEqual(shown({ url: "https://nb.test/lab?token=abc&x=1", doc: '{"password":"p","n":1}' }), {
    url: "https://nb.test/lab?token=***&x=1",
    doc: '{"password":"***","n":1}',
  });
  assert.deepEqual(shown({ password: null, methods: ["password"] }), { password: null, methods: ["password"] });
  assert.deepEqual(redactBody("just words"), { text: "just words" });
  assert.match(JSON.stringify(redactBody("password: abc")), /"text":"\*\*\* \(13 characters/);
});
