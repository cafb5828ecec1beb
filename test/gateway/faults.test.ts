import assert from "node:assert/strict";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { MovableClock } from "../../src/clock.ts";
import { type Answer, type Ebb, START, startEbb } from "../harness.ts";

const ID = "0a1b2c3d-1111-4222-8333-444455556666";
const DATABASE = `${ID.replaceAll("-", "")}in07`;
const STATUSES = [400, 401, 403, 404, 408, 409, 429, 500];

const GATEWAY = ["error_code", "error_msg", "request_id"];
const CODED = ["error_code", "error_msg"];
/** The gateway speaks for a service where its documents leave that to it. */
const SHAPES: Record<string, { own: readonly string[]; code: RegExp; gateway: readonly number[] }> = {
  fabric: { own: CODED, code: /^(common|dataartsfabric|APIG)\.|^403$/, gateway: [429] },
  clouddc: { own: CODED, code: /^iMetal\./, gateway: [408] },
  modelarts: { own: ["error_code", "error_message", "error_msg"], code: /^ModelArts\./, gateway: [] },
  taurusdb: { own: CODED, code: /^DBS\./, gateway: [401, 403, 429] },
  iam: { own: ["error"], code: /^\d+$/, gateway: [408] },
  "iam v3.0": { own: CODED, code: /^IAM\./, gateway: [408] },
};
const calls = (project: string): [shape: string, method: string, path: string, body?: object][] => [
  ["fabric", "GET", `/v1/workspaces/${ID}/endpoints/${ID}`],
  ["fabric", "POST", "/v1/workspaces", { name: "not-made" }],
  ["clouddc", "DELETE", `/v1/${project}/instances/${ID}`],
  ["clouddc", "GET", `/v1/${project}/physicalservers`],
  ["modelarts", "DELETE", `/v1/${project}/demanager/instances/${ID}`],
  ["taurusdb", "DELETE", `/v3/${project}/instances/${DATABASE}/proxy`],
  ["taurusdb", "GET", `/v3/${project}/instances`],
  ["iam", "GET", "/v3/projects"],
  ["iam", "POST", "/v3/auth/tokens", {}],
  ["iam v3.0", "GET", "/v3.0/OS-CREDENTIAL/credentials/AKAKAKAKAKAKAKAKAKAK"],
];

async function add(ebb: Ebb, fault: object): Promise<string> {
  const answer = await ebb.operator("POST", "/faults", fault);
  assert.equal(answer.status, 201, answer.text);
  return answer.body.id as string;
}

const countsOf = async (ebb: Ebb, id: string) => {
  const { body } = await ebb.operator("GET", `/faults/${id}`);
  return [body.calls, body.hits];
};

const codeIn = ({ body }: Answer): string => String(body.error_code ?? body.error?.code);

test("every service answers every status in its own dialect", async (t) => {
  const ebb = await startEbb(t);
  for (const [shape, method, path, body] of calls(ebb.one.projectId)) {
    const service = shape.split(" ")[0];
    const { own, code, gateway } = SHAPES[shape] ?? assert.fail(shape);
    for (const status of STATUSES) {
      await add(ebb, { on: "call", service, answer: { status }, first: 1 });
      const answer = await ebb.one.ask(method, path, body);
      const about = `${method} ${path} ${status}: ${answer.text}`;
      assert.equal(answer.status, status, about);
      const keys = Object.keys(answer.body).filter((key) => key !== "solution_msg");
      const byGateway = gateway.includes(status);
      const nested = service === "fabric" && status === 403 ? ["error", "error_code", "error_msg", "title"] : own;
      assert.deepEqual(keys.toSorted(), byGateway ? GATEWAY : nested, about);
      assert.match(codeIn(answer), byGateway ? /^APIGW\./ : code, about);
      assert.equal(answer.headers.get("retry-after"), status === 429 ? "1" : null, about);
      assert.doesNotMatch(answer.text, /null|undefined/, about);
      await ebb.operator("DELETE", "/faults");
    }
  }
});

test("Retry-After says what the fault does", async (t) => {
  const ebb = await startEbb(t);
  await add(ebb, { on: "call", service: "clouddc", answer: { status: 429, retry_after_s: 30 } });
  const answer = await ebb.one.ask("GET", `/v1/${ebb.one.projectId}/instances`);
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, "30"]);
});

test("a call that a fault answers changes nothing, and those after it do", async (t) => {
  const ebb = await startEbb(t);
  const id = await add(ebb, { on: "call", operation: "CreateWorkspace", answer: { status: 500 }, first: 2 });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await ebb.one.ask("POST", "/v1/workspaces", { name: "one-ws" })).status);
  assert.deepEqual(statuses, [500, 500, 200]);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.total, 1);
  assert.deepEqual(await countsOf(ebb, id), [3, 2]);
});

test("a fault counts exactly what comes at once", async (t) => {
  const ebb = await startEbb(t);
  const id = await add(ebb, { on: "call", operation: "ListWorkspaces", answer: { status: 429 }, every: 4 });
  const answers = await Promise.all(Array.from({ length: 40 }, () => ebb.one.ask("GET", "/v1/workspaces")));
  assert.equal(answers.filter(({ status }) => status === 429).length, 10);
  assert.deepEqual(await countsOf(ebb, id), [40, 10]);
});

test("a fault acts after the caller is known, and before the request is checked", async (t) => {
  const ebb = await startEbb(t);
  const id = await add(ebb, { on: "call", service: "fabric", tenant: ebb.one.projectId, answer: { status: 409 } });
  assert.equal((await ebb.ask("GET", "/v1/workspaces")).status, 401);
  assert.equal((await ebb.two.ask("GET", "/v1/workspaces")).status, 200);
  assert.deepEqual(await countsOf(ebb, id), [0, 0]);
  assert.equal((await ebb.one.ask("POST", "/v1/workspaces", "{no json")).status, 409);
  assert.deepEqual(await countsOf(ebb, id), [1, 1]);
});

test("a fault on one thing hits the calls that name it: in the path, the query or the body", async (t) => {
  const ebb = await startEbb(t);
  const { projectId } = ebb.one;
  const hand = async (name: string) => (await ebb.one.ask("POST", "/v1/workspaces", { name })).body.id as string;
  const [struck, spared] = [await hand("ws-a1"), await hand("ws-b1")];
  await add(ebb, { on: "call", resource: struck, answer: { status: 403 } });
  assert.equal((await ebb.one.ask("GET", `/v1/workspaces/${struck}/endpoints`)).status, 403);
  assert.equal((await ebb.one.ask("GET", `/v1/workspaces/${spared}/endpoints`)).status, 200);
  const made = await ebb.one.ask("POST", `/v1/${projectId}/instances`, {
    name: "host",
    image_id: ID,
    vpc_id: ID,
    network_interfaces: [{ subnet_id: ID }],
    password: "Str0ng-Pass",
  });
  const instance = made.body.instance_id as string;
  await add(ebb, { on: "call", resource: instance, answer: { status: 409 } });
  const batch = await ebb.one.ask("POST", `/v1/${projectId}/instances/batch-delete`, { instance_id_set: [instance] });
  assert.equal(batch.status, 409);
  assert.equal((await ebb.one.ask("GET", `/v1/${projectId}/instances?id=${instance}`)).status, 409);
  assert.equal((await ebb.one.ask("GET", `/v1/${projectId}/instances`)).status, 200);
});

test("a ModelArts id is struck with and without its prefix", async (t) => {
  const ebb = await startEbb(t);
  const path = `/v1/${ebb.one.projectId}/demanager/instances`;
  const made = await ebb.one.ask("POST", path, {
    name: "nb",
    profile_id: "Multi-Engine 1.0 (python3)-cpu",
    flavor: "modelarts.vm.cpu.2u",
    spec: { storage: { type: "obs", location: { path: "/bucket/dir/" } } },
  });
  const id = made.body.id as string;
  await add(ebb, { on: "call", resource: id, answer: { status: 500 } });
  for (const spelling of [id, id.replace("DE-", "")])
    assert.equal((await ebb.one.ask("GET", `${path}/${spelling}`)).status, 500, spelling);
});

test("a token is asked for without a tenant, and can be struck all the same", async (t) => {
  const ebb = await startEbb(t);
  await add(ebb, {
    on: "call",
    service: "iam",
    operation: "KeystoneCreateUserTokenByPassword",
    answer: { status: 500 },
  });
  const answer = await ebb.ask("POST", "/v3/auth/tokens", {});
  assert.deepEqual([answer.status, answer.body.error.code], [500, 500]);
});

test("no fault strikes Ebb's own API", async (t) => {
  const ebb = await startEbb(t);
  for (const service of ["fabric", "clouddc", "modelarts", "taurusdb", "iam"])
    await add(ebb, { on: "call", service, answer: "reset" });
  await add(ebb, { on: "call", tenant: ebb.one.projectId, answer: "reset" });
  assert.equal((await ebb.operator("GET", "/faults")).body.faults.length, 6);
  assert.equal((await ebb.operator("GET", "/openapi.json")).status, 200);
  const refused = await ebb.operator("POST", "/faults", { on: "call", service: "operator", answer: "reset" });
  assert.equal(refused.status, 400);
});

test("a slow call waits on the clients' clock, and is carried out once that has passed", async (t) => {
  const waits = new MovableClock({ frozenAt: START });
  const ebb = await startEbb(t, { ports: { waits } });
  const id = await add(ebb, { on: "call", operation: "CreateWorkspace", answer: { slow_ms: 5_000 } });
  let answered = false;
  const waiting = waiter(waits);
  const asked = ebb.one.ask("POST", "/v1/workspaces", { name: "late" }).then((answer) => {
    answered = true;
    return answer;
  });
  await Promise.race([waiting(START + 5_000), asked]);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.total, 0);
  waits.advance(4_999);
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).body.total, 0);
  assert.equal(answered, false);
  waits.advance(1);
  assert.equal((await asked).status, 200);
  assert.deepEqual(await countsOf(ebb, id), [1, 1]);
});

test("a call that is slower than its deadline times out, and is never carried out", async (t) => {
  const waits = new MovableClock({ frozenAt: START });
  const ebb = await startEbb(t, { ports: { waits } });
  const list = t.mock.method(ebb.house.lifecycle, "list");
  await add(ebb, { on: "call", operation: "ListWorkspaces", answer: { slow_ms: 600_000 }, first: 1 });
  const waiting = waiter(waits);
  const asked = ebb.one.ask("GET", "/v1/workspaces");
  await Promise.race([waiting(START + 600_000), asked]);
  waits.advance(ebb.settings.requestTimeoutMs);
  assert.equal((await asked).status, 408);
  waits.advance(600_000);
  await new Promise<void>((resolve) => void waits.at(waits.now(), resolve));
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 200);
  assert.equal(list.mock.callCount(), 1, "only the second call has come to its operation");
});

/** Resolves once something waits on the clock for that time. */
function waiter(clock: MovableClock): (when: number) => Promise<void> {
  const seen = new Set<number>();
  const told = new Map<number, () => void>();
  const at = clock.at.bind(clock);
  clock.at = (when, wake) => {
    seen.add(when);
    told.get(when)?.();
    return at(when, wake);
  };
  return (when) => (seen.has(when) ? Promise.resolve() : new Promise((resolve) => told.set(when, resolve)));
}

/** What comes over a connection for one request, and how the connection ends. */
function overSocket(t: TestContext, ebb: Ebb, method: string, path: string, body = "") {
  const { hostname, port } = new URL(ebb.url);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: x",
    `X-Auth-Token: ${ebb.one.token}`,
    "Content-Type: application/json",
    "Connection: close",
  ];
  const bytes = `${[...lines, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`;
  return new Promise<{ text: string; error: string | undefined }>((resolve) => {
    let text = "";
    let error: string | undefined;
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    t.after(() => socket.destroy());
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", (failed: NodeJS.ErrnoException) => (error = failed.code));
    socket.on("close", () => resolve({ text, error }));
  });
}

const BODY = JSON.stringify({ name: "one-ws" });
const count = async (ebb: Ebb) => (await ebb.one.ask("GET", "/v1/workspaces")).body.total as number;

test("a reset call is not carried out, and not one byte comes", async (t) => {
  const ebb = await startEbb(t);
  await add(ebb, { on: "call", operation: "CreateWorkspace", answer: "reset", first: 1 });
  const first = await overSocket(t, ebb, "POST", "/v1/workspaces", BODY);
  assert.deepEqual(first, { text: "", error: "ECONNRESET" });
  assert.equal(await count(ebb), 0);
  assert.equal((await ebb.one.ask("POST", "/v1/workspaces", { name: "one-ws" })).status, 200);
});

test("a lost answer: the operation is carried out, and the connection is reset in its place", async (t) => {
  const ebb = await startEbb(t);
  await add(ebb, { on: "call", operation: "CreateWorkspace", answer: "lost" });
  assert.deepEqual(await overSocket(t, ebb, "POST", "/v1/workspaces", BODY), { text: "", error: "ECONNRESET" });
  assert.equal(await count(ebb), 1);
});

test("a cut answer promises its whole body, half of it comes, and the operation is carried out", async (t) => {
  const ebb = await startEbb(t);
  await add(ebb, { on: "call", operation: "CreateWorkspace", answer: "cut", first: 1 });
  const { text, error } = await overSocket(t, ebb, "POST", "/v1/workspaces", BODY);
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const promised = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  assert.equal(error, undefined);
  assert.match(head, /^HTTP\/1\.1 200 [^]*x-request-id: [0-9a-f]{32}/i);
  assert.match(head, /content-type: application\/json/i);
  assert.equal(body.length, Math.floor(promised / 2));
  assert.match(body, /^\{"id":"/);
  assert.equal(await count(ebb), 1);
  await add(ebb, { on: "call", operation: "ListWorkspaces", answer: "cut", first: 1 });
  await assert.rejects(ebb.one.ask("GET", "/v1/workspaces"), TypeError, "a client must not take a half for the whole");
});

test("a cut answer that has no body ends inside its headers", async (t) => {
  const ebb = await startEbb(t);
  const { projectId } = ebb.one;
  const workspace = (await ebb.one.ask("POST", "/v1/workspaces", { name: "one-ws" })).body.id as string;
  await add(ebb, { on: "call", operation: "BatchCreateFabricWorkspaceTags", answer: "cut" });
  const path = `/v1/${projectId}/fabric-workspace/${workspace}/tags`;
  const tags = JSON.stringify({ tags: [{ key: "a", value: "b" }] });
  const { text } = await overSocket(t, ebb, "POST", `${path}/create`, tags);
  assert.match(text, /^HTTP\/1\.1 204 /);
  assert.ok(!text.includes("\r\n\r\n"), text);
  assert.equal((await ebb.one.ask("GET", path)).body.tags.length, 1);
});

test("faults outlive a snapshot's load and end with a reset", async (t) => {
  const ebb = await startEbb(t);
  await add(ebb, { on: "call", service: "fabric", answer: { status: 500 } });
  await ebb.operator("POST", "/snapshots", { name: "with-fault" });
  await ebb.operator("POST", "/reset");
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 200);
  assert.deepEqual((await ebb.operator("GET", "/faults")).body.faults, []);
  await ebb.operator("DELETE", "/faults");
  await ebb.operator("POST", "/snapshots/with-fault/load");
  assert.equal((await ebb.one.ask("GET", "/v1/workspaces")).status, 500);
});

test("a fault is in force in every process on the store", async (t) => {
  const one = await startEbb(t);
  if (one.store.alone) return t.skip("an embedded store has one process");
  const two = await startEbb(t, { settings: { store: one.settings.store, dataDir: one.settings.dataDir } });
  const id = await add(one, { on: "call", operation: "ListWorkspaces", answer: { status: 429 } });
  const list = async () => (await two.one.ask("GET", "/v1/workspaces")).status;
  // Told by the store, and so a moment later.
  let told = false;
  for (let i = 0; i < 500 && !told; i++) told = (await list()) === 429;
  assert.ok(told);
  await two.operator("DELETE", `/faults/${id}`);
  assert.equal((await one.one.ask("GET", "/v1/workspaces")).status, 200, "what is removed strikes nobody, told or not");
  await two.close();
});
