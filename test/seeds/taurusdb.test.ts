import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Caller } from "../../src/lifecycle/index.ts";
import { INSTANCE, PROXY } from "../../src/services/taurusdb/kinds.ts";
import { A_WHILE, startDatabases } from "../../src/services/taurusdb/taurusdb-testing.ts";
import { ACCOUNTS, type Answer } from "../harness.ts";

/** Deleting a proxy instance: `DELETE /v3/{project_id}/instances/{instance_id}/proxy`. */
const SEED_PROJECT = "054e292c9880d4992f02c0196d3ea468";
const SEED_INSTANCE = "096c0fc43e804757b59946b80dc27f8bin07";
const SEED_PROXY = "151c14381ac14ecfb9703a745b992677po01";
const JOB_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const [ONE, ...OTHERS] = ACCOUNTS as [(typeof ACCOUNTS)[0], (typeof ACCOUNTS)[0]];
/** The first account has the example's project too. */
const accounts = [{ ...ONE, projects: [...ONE.projects, { name: "eu-local-1_seed", id: SEED_PROJECT }] }, ...OTHERS];

/** An Ebb with the example's own project, instance and proxies. The first proxy is the example's. */
async function example(t: TestContext, proxies: number) {
  const it = await startDatabases(t, { settings: { accounts } });
  const { lifecycle } = it.ebb.house;
  const tenant = it.ebb.one.projectId;
  const made = await it.instances.up();
  const modelProxy = await lifecycle.get(tenant, PROXY, await it.proxies.up(made));
  const modelInstance = await lifecycle.get(tenant, INSTANCE, made);
  const caller: Caller = { tenant: SEED_PROJECT, userId: ONE.users[0]?.id ?? "", requestId: "seed" };
  const ids = Array.from({ length: proxies }, (_, at) => (at === 0 ? SEED_PROXY : `${String(at).repeat(32)}po01`));
  await lifecycle.accept(caller, (accepting) =>
    accepting.create({ kind: INSTANCE, id: SEED_INSTANCE, name: "orders-db", spec: modelInstance.spec }),
  );
  await it.ebb.pass(A_WHILE);
  for (const [at, id] of ids.entries()) {
    const birth = { kind: PROXY, id, parentId: SEED_INSTANCE, name: `proxy-${at}`, spec: modelProxy.spec };
    await lifecycle.accept(caller, (accepting) => accepting.create(birth));
  }
  await it.ebb.pass(A_WHILE);
  const token = await seedToken(it.ebb.ask);
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    it.ebb.ask(method, path, body, { "x-auth-token": token, ...headers });
  const path = `/v3/${SEED_PROJECT}/instances/${SEED_INSTANCE}/proxy`;
  const left = async (): Promise<string[]> => {
    const { body } = await ask("GET", `/v3/${SEED_PROJECT}/instances/${SEED_INSTANCE}/proxies`);
    return body.proxy_list.map((one: { proxy: { pool_id: string } }) => one.proxy.pool_id);
  };
  return { ...it, ask, path, ids, left };
}

async function seedToken(ask: (method: string, path: string, body: unknown) => Promise<Answer>): Promise<string> {
  const user = { name: ONE.users[0]?.name, password: ONE.users[0]?.password, domain: { name: ONE.name } };
  const identity = { methods: ["password"], password: { user } };
  const answer = await ask("POST", "/v3/auth/tokens", { auth: { identity, scope: { project: { id: SEED_PROJECT } } } });
  return answer.headers.get("x-subject-token") ?? "";
}

/** Tables 5 and 6: two strings, nothing else. */
function assertError(answer: Answer, status: number, code?: string): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.deepEqual(Object.keys(answer.body), ["error_code", "error_msg"]);
  assert.match(answer.body.error_code, /^DBS\.\d{6,8}$/);
  if (code !== undefined) assert.equal(answer.body.error_code, code);
  assert.ok(typeof answer.body.error_msg === "string" && answer.body.error_msg.length > 0);
}

test("the example request deletes the example's proxy: 200, the id of a job, and the proxy is gone", async (t) => {
  const { ebb, ask, path, left } = await example(t, 1);
  const { status, headers, body } = await ask("DELETE", path, { proxy_ids: [SEED_PROXY] });
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(Object.keys(body), ["job_id"]);
  assert.match(body.job_id, JOB_ID);
  const job = async () => (await ask("GET", `/v3/${SEED_PROJECT}/jobs?id=${body.job_id}`)).body.job;
  assert.equal((await job()).status, "Running");
  await ebb.pass(A_WHILE);
  assert.equal((await job()).status, "Completed");
  assert.deepEqual(await left(), []);
});

test("project_id: 32 characters, letters and digits", async (t) => {
  const { ask, path, left } = await example(t, 1);
  for (const id of ["054e", `${SEED_PROJECT}0`, SEED_PROJECT.slice(1), SEED_PROJECT.replace(/8$/, "-")]) {
    assertError(await ask("DELETE", path.replace(SEED_PROJECT, id)), 400, "DBS.280001");
  }
  assert.deepEqual(await left(), [SEED_PROXY]);
});

test("instance_id: 36 characters, letters and digits, with in07 at the end", async (t) => {
  const { ask, path, left } = await example(t, 1);
  const wrong = [
    SEED_INSTANCE.slice(1),
    `0${SEED_INSTANCE}`,
    SEED_INSTANCE.slice(0, 32),
    SEED_INSTANCE.replace(/in07$/, "in01"),
    SEED_INSTANCE.replace(/in07$/, "IN07"),
    SEED_INSTANCE.replace(/^096c/, "09-c"),
  ];
  for (const id of wrong) {
    assertError(await ask("DELETE", path.replace(SEED_INSTANCE, id)), 400, "DBS.280404");
  }
  assert.deepEqual(await left(), [SEED_PROXY]);
});

test("X-Auth-Token: mandatory", async (t) => {
  const { ebb, path, left } = await example(t, 1);
  const body = { proxy_ids: [SEED_PROXY] };
  assert.equal((await ebb.ask("DELETE", path, body)).status, 401);
  assert.equal((await ebb.ask("DELETE", path, body, { "x-auth-token": "" })).status, 401);
  assert.equal((await ebb.ask("DELETE", path, body, { "x-auth-token": "not-a-token" })).status, 401);
  assert.deepEqual(await left(), [SEED_PROXY]);
});

test("X-Language: en-us and zh-cn, en-us by default", async (t) => {
  const { ask, path } = await example(t, 0);
  const message = async (headers: Record<string, string>) => {
    const answer = await ask("DELETE", path, undefined, headers);
    assertError(answer, 400, "DBS.270024");
    return String(answer.body.error_msg);
  };
  const english = await message({});
  assert.match(english, /^[\x20-\x7e]+$/);
  assert.equal(await message({ "x-language": "en-us" }), english);
  assert.match(await message({ "x-language": "zh-cn" }), /[\u4e00-\u9fff]/);
});

test("proxy_ids: not required where there is one proxy instance", async (t) => {
  const { ebb, ask, path, left } = await example(t, 1);
  const { status, body } = await ask("DELETE", path);
  assert.equal(status, 200);
  assert.match(body.job_id, JOB_ID);
  await ebb.pass(A_WHILE);
  assert.deepEqual(await left(), []);
});

test("proxy_ids: mandatory where there are several proxy instances", async (t) => {
  const { ebb, ask, path, ids, left } = await example(t, 3);
  assertError(await ask("DELETE", path), 400, "DBS.270027");
  assertError(await ask("DELETE", path, {}), 400, "DBS.270027");
  const named = await ask("DELETE", path, { proxy_ids: ids.slice(0, 2) });
  assert.deepEqual([named.status, Object.keys(named.body)], [200, ["job_id"]]);
  await ebb.pass(A_WHILE);
  assert.deepEqual(await left(), ids.slice(2));
});

test("proxy_ids: an array of strings", async (t) => {
  const { ask, path, left } = await example(t, 1);
  for (const ids of [SEED_PROXY, 1, true, null, { 0: SEED_PROXY }, [1], [[SEED_PROXY]]]) {
    assertError(await ask("DELETE", path, { proxy_ids: ids }), 400, "DBS.280001");
  }
  assert.deepEqual(await left(), [SEED_PROXY]);
});

test("status 500: a failure of the service itself has a code and a text, and deletes nothing", async (t) => {
  const { ebb, ask, path, left } = await example(t, 1);
  const accept = t.mock.method(ebb.house.lifecycle, "accept", async () => {
    throw new Error("the store is away");
  });
  assertError(await ask("DELETE", path, { proxy_ids: [SEED_PROXY] }), 500);
  accept.mock.restore();
  assert.deepEqual(await left(), [SEED_PROXY]);
});
