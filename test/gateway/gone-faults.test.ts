import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type Ebb, startEbb } from "../harness.ts";
import { furnish } from "../tenancy/things.ts";

const ID = "0a1b2c3d-1111-4222-8333-444455556666";
const DATABASE = `${ID.replaceAll("-", "")}in07`;
const HOUR = 3_600_000;

/** A call about what is not there: what it answers by itself, the code of the 404 and of the 400, and the empty list. */
interface Case {
  service: string;
  path: string;
  by_itself: number;
  code: string;
  coded: string;
  empty: object;
}

const page = { page_info: { previous_marker: "", current_count: 0 }, count: 0 };
const casesOf = (project: string, workspace: string, terminated: string): Case[] => [
  {
    service: "fabric",
    path: `/v1/workspaces/${workspace}/endpoints/${ID}`,
    by_itself: 404,
    code: "common.01000001",
    coded: "dataartsfabric.00010009",
    empty: { total: 0, endpoints: [] },
  },
  {
    service: "fabric",
    path: `/v1/workspaces/${ID}/services/instances`,
    by_itself: 404,
    code: "common.01000001",
    coded: "dataartsfabric.00010003",
    empty: { total: 0, service_instances: [] },
  },
  {
    service: "fabric",
    path: `/v1/workspaces/${workspace}/models/${ID}/versions`,
    by_itself: 404,
    code: "common.01000001",
    coded: "dataartsfabric.00010009",
    empty: { total: 0, versions: [] },
  },
  {
    service: "clouddc",
    path: `/v1/${project}/physicalservers/${ID}`,
    by_itself: 404,
    code: "iMetal.0100",
    coded: "iMetal.0100",
    empty: { servers: [], ...page },
  },
  {
    // Terminated, and still shown: gone all the same.
    service: "clouddc",
    path: `/v1/${project}/instances/${terminated}/status`,
    by_itself: 200,
    code: "iMetal.0200",
    coded: "iMetal.0200",
    empty: { instances: [], ...page },
  },
  {
    service: "modelarts",
    path: `/v1/${project}/demanager/instances/${ID}`,
    by_itself: 400,
    code: "ModelArts.6309",
    coded: "ModelArts.6309",
    empty: { total_count: 0, instances: [] },
  },
  {
    service: "taurusdb",
    path: `/v3/${project}/instances/${DATABASE}`,
    by_itself: 404,
    code: "DBS.200002",
    coded: "DBS.200002",
    empty: { instances: [], total_count: 0 },
  },
  {
    service: "taurusdb",
    path: `/v3/${project}/instances/${DATABASE}/proxies`,
    by_itself: 404,
    code: "DBS.201028",
    coded: "DBS.201028",
    empty: { proxy_list: [] },
  },
  {
    service: "taurusdb",
    path: `/v3/${project}/jobs?id=${ID}`,
    by_itself: 400,
    code: "DBS.200543",
    coded: "DBS.200543",
    empty: {},
  },
  {
    service: "iam",
    path: "/v3.0/OS-CREDENTIAL/credentials/AKAKAKAKAKAKAKAKAKAK",
    by_itself: 404,
    code: "IAM.0004",
    coded: "IAM.0004",
    empty: { credentials: [] },
  },
];

const FORBIDDEN: Record<string, string> = {
  fabric: "403",
  clouddc: "iMetal.0004",
  modelarts: "ModelArts.0108",
  taurusdb: "APIGW.0302",
  iam: "IAM.0003",
};

async function underFault(ebb: Ebb, fault: object, ask: () => Promise<Answer>): Promise<Answer & { hits: number }> {
  const added = await ebb.operator("POST", "/faults", { on: "gone", ...fault });
  assert.equal(added.status, 201, added.text);
  const answer = await ask();
  const { body } = await ebb.operator("DELETE", `/faults/${added.body.id}`);
  return { ...answer, hits: body.hits };
}

test("every service says in each of the four ways that a thing is gone", async (t) => {
  const ebb = await startEbb(t);
  const made = await furnish(ebb);
  const instance = made.clouddc?.id ?? "";
  await ebb.one.ask("DELETE", `/v1/${ebb.one.projectId}/instances/${instance}`);
  await ebb.pass(HOUR);
  for (const one of casesOf(ebb.one.projectId, made.dataartsfabric?.workspace_id ?? "", instance)) {
    const { service } = one;
    const ask = () => ebb.one.ask("GET", one.path);
    const itself = await ask();
    assert.equal(itself.status, one.by_itself, one.path);
    const said = async (answer: string, status: number) => {
      const found = await underFault(ebb, { service, answer }, ask);
      assert.deepEqual([found.status, found.hits], [status, 1], `${one.path} ${answer} ${found.text}`);
      return found.body;
    };
    assert.equal((await said("404", 404)).error_code, one.code, one.path);
    assert.equal((await said("coded-400", 400)).error_code, one.coded, one.path);
    assert.equal(String((await said("403", 403)).error_code), FORBIDDEN[service], one.path);
    assert.deepEqual(await said("empty-list", 200), one.empty, one.path);
    const after = await ask();
    assert.deepEqual([after.status, after.text], [itself.status, itself.text], "without the fault, it is as it was");
  }
});

test("what is there is answered as ever, and is not counted; nor is the delete that ends it", async (t) => {
  const ebb = await startEbb(t);
  const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name: "kept" });
  const path = `/v1/workspaces/${body.id}`;
  const alive = await underFault(ebb, { service: "fabric", answer: "403" }, () =>
    ebb.one.ask("GET", `${path}/endpoints`),
  );
  assert.deepEqual([alive.status, alive.hits], [200, 0]);
  const deleted = await underFault(ebb, { service: "fabric", answer: "403" }, () => ebb.one.ask("DELETE", path));
  assert.deepEqual([deleted.status, deleted.hits], [200, 0]);
});

test("delete again, when gone: the fault says how, for this thing and this tenant only", async (t) => {
  const ebb = await startEbb(t);
  const gone: string[] = [];
  for (const name of ["ws-a1", "ws-b1"]) {
    const { body } = await ebb.one.ask("POST", "/v1/workspaces", { name });
    await ebb.one.ask("DELETE", `/v1/workspaces/${body.id}`);
    gone.push(body.id as string);
  }
  const fault = { service: "fabric", resource: gone[0], tenant: ebb.one.projectId, answer: "coded-400" };
  const again = (id?: string) => () => ebb.one.ask("DELETE", `/v1/workspaces/${id}`);
  assert.equal((await underFault(ebb, fault, again(gone[0]))).status, 400);
  assert.equal((await underFault(ebb, fault, again(gone[1]))).status, 404);
  const other = await underFault(ebb, fault, () => ebb.two.ask("DELETE", `/v1/workspaces/${gone[0]}`));
  assert.deepEqual([other.status, other.hits], [404, 0]);
});

test("a request that is wrong in itself is not about what is gone", async (t) => {
  const ebb = await startEbb(t);
  const wrong = await underFault(ebb, { service: "fabric", answer: "403" }, () =>
    ebb.one.ask("GET", "/v1/workspaces?limit=nonsense"),
  );
  assert.deepEqual([wrong.status, wrong.hits], [400, 0]);
});
