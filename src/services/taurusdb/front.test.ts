import assert from "node:assert/strict";
import { test } from "node:test";
import { taurusdbDialect } from "./dialect.ts";
import { ERRORS } from "./errors.ts";
import { A_WHILE, assertRefused, newInstance, newProxy, startDatabases } from "./taurusdb-testing.ts";

const CHINESE = { "x-language": "zh-cn" };

test("error texts follow X-Language, the codes never do", async (t) => {
  const { base, ask, instances } = await startDatabases(t);
  const id = await instances.up();
  const say = async (language: string) => {
    const { body } = await ask("DELETE", `${base}/instances/${id}/proxy`, undefined, { "x-language": language });
    return body;
  };
  const english = { error_code: "DBS.270024", error_msg: "Proxy instance does not exist." };
  assert.deepEqual(await say("en-us"), english);
  assert.deepEqual(await say("fr-fr"), english);
  assert.deepEqual(await say("zh-cn"), { error_code: "DBS.270024", error_msg: "数据库代理实例不存在。" });
  const wrongName = await ask("POST", `${base}/instances`, newInstance({ name: "1" }), CHINESE);
  assert.deepEqual([wrongName.status, wrongName.body.error_msg], [400, "非法实例名称"]);
  assert.equal((await ask("GET", `${base}/instances/x`, undefined, CHINESE)).body.error_code, "DBS.280404");
});

test("availability zones are described in the caller's language", async (t) => {
  const { base, ask, instances, proxies } = await startDatabases(t);
  const id = await instances.up();
  await proxies.up(id);
  const { body } = await ask("GET", `${base}/instances/${id}/proxies`, undefined, CHINESE);
  assert.equal(body.proxy_list[0].master_node.availability_zone[0].description, "可用区1");
});

test("every code has a documented status and a text in both languages", () => {
  for (const [code, [status, english, chinese]] of Object.entries(ERRORS)) {
    assert.match(code, /^\d{6}(\d\d)?$/);
    assert.ok([400, 403, 404, 409, 413, 500].includes(status), code);
    assert.match(english, /^[\x20-\x7e]+$/, code);
    assert.match(chinese, /[\u4e00-\u9fff]/, code);
  }
});

test("a malformed id in the path is told before anything is looked up", async (t) => {
  const { base, ask } = await startDatabases(t);
  const wrong = [
    "x",
    `${"a".repeat(32)}in01`,
    `${"a".repeat(31)}in07`,
    `${"a".repeat(33)}in07`,
    `${"-".repeat(32)}in07`,
  ];
  for (const id of wrong) {
    assertRefused(await ask("GET", `${base}/instances/${id}`), 400, "280404");
    assertRefused(await ask("DELETE", `${base}/instances/${id}`), 400, "280404");
    assertRefused(await ask("DELETE", `${base}/instances/${id}/proxy`), 400, "280404");
    assertRefused(await ask("GET", `${base}/instances/${id}/proxies`), 400, "280404");
    assertRefused(await ask("DELETE", `${base}/instances/${id}/nodes/${"a".repeat(32)}no07`), 400, "280404");
  }
});

test("a project that is not the caller's is refused before anything is looked up", async (t) => {
  const { ebb, ask } = await startDatabases(t);
  for (const path of ["instances", `instances/${"a".repeat(32)}in07/proxies`, "jobs?id=1"]) {
    assertRefused(await ask("GET", `/v3/${ebb.two.projectId}/${path}`), 403, "200044");
    assertRefused(await ask("GET", `/v3/not-a-project/${path}`), 400, "280001");
  }
});

test("another tenant's database is like none, on every route", async (t) => {
  const { ebb, instances, proxies } = await startDatabases(t);
  const id = await instances.up({ slave_count: 2 });
  const proxy = await proxies.up(id);
  const node = (await instances.show(id)).body.instance.nodes[1].id;
  const mine = `/v3/${ebb.two.projectId}`;
  const unknown = `${"f".repeat(32)}in07`;
  const calls: [method: string, path: (instance: string) => string, body?: unknown][] = [
    ["GET", (one) => `${mine}/instances/${one}`],
    ["GET", (one) => `/v3.1/${ebb.two.projectId}/instances/${one}`],
    ["DELETE", (one) => `${mine}/instances/${one}`],
    ["GET", (one) => `${mine}/instances/details?instance_ids=${one}`],
    ["GET", (one) => `${mine}/instances?id=${one}`],
    ["POST", (one) => `${mine}/instances/${one}/nodes/enlarge`, { priorities: [1] }],
    ["DELETE", (one) => `${mine}/instances/${one}/nodes/${node}`],
    ["POST", (one) => `${mine}/instances/${one}/proxy`, newProxy()],
    ["GET", (one) => `${mine}/instances/${one}/proxies`],
    ["GET", (one) => `${mine}/instances/${one}/proxy/flavors`],
    ["DELETE", (one) => `${mine}/instances/${one}/proxy`, { proxy_ids: [proxy] }],
    ["DELETE", (one) => `/mysql/v3/${ebb.two.projectId}/instances/${one}/proxy`],
  ];
  for (const [method, path, body] of calls) {
    const theirs = await ebb.two.ask(method, path(id), body);
    const none = await ebb.two.ask(method, path(unknown), body);
    assert.deepEqual([theirs.status, theirs.body], [none.status, none.body], `${method} ${path(id)}`);
  }
  await ebb.pass(A_WHILE);
  assert.deepEqual(await proxies.statuses(id), { [proxy]: "ACTIVE" });
  assert.equal((await instances.show(id)).body.instance.nodes.length, 3);
});

test("an error of Ebb's own and a deadline have codes of the service", () => {
  const about = { requestId: "r", language: "en-us", operationId: undefined } as const;
  assert.deepEqual(taurusdbDialect({ is: "internal" }, about), {
    status: 500,
    body: { error_code: "DBS.200005", error_msg: "Server failure." },
  });
  assert.equal(taurusdbDialect({ is: "timeout" }, about)?.status, 500);
  assert.equal(taurusdbDialect({ is: "no-such-route" }, about), undefined);
});
