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
function told(service: string, path: string, by_itself: number, code: string, coded: string, empty: object): Case {
  return { service, path, by_itself, code, coded, empty };
}

const casesOf = (project: string, workspace: string, terminated: string): Case[] => [
  told("fabric", `/v1/workspaces/${workspace}/endpoints/${ID}`, 404, "common.01000001", "dataartsfabric.00010009", {
    total: 0,
    endpoints: [],
  }),
  told("fabric", `/v1/workspaces/${ID}/services/instances`, 404, "common.01000001", "dataartsfabric.00010003", {
    total: 0,
    service_instances: [],
  }),
  told(
    "fabric",
    `/v1/workspaces/${workspace}/models/${ID}/versions`,
    404,
    "common.01000001",
    "dataartsfabric.00010009",
    { total: 0, versions: [] },
  ),
  told("clouddc", `/v1/${project}/physicalservers/${ID}`, 404, "iMetal.0100", "iMetal.0100", { servers: [], ...page }),
  // Terminated, and still shown: gone all the same.
  told("clouddc", `/v1/${project}/instances/${terminated}/status`, 200, "iMetal.0200", "iMetal.0200", {
    instances: [],
    ...page,
  }),
  told("modelarts", `/v1/${project}/demanager/instances/${ID}`, 400, "ModelArts.6309", "ModelArts.6309", {
    total_count: 0,
    instances: [],
  }),
  told("taurusdb", `/v3/${project}/instances/${DATABASE}`, 404, "DBS.200002", "DBS.200002", {
    instances: [],
    total_count: 0,
  }),
  told("taurusdb", `/v3/${project}/instances/${DATABASE}/proxies`, 404, "DBS.201028", "DBS.201028", { proxy_list: [] }),
  told("taurusdb", `/v3/${project}/jobs?id=${ID}`, 400, "DBS.200543", "DBS.200543", {}),
  told("iam", "/v3.0/OS-CREDENTIAL/credentials/AKAKAKAKAKAKAKAKAKAK", 404, "IAM.0004", "IAM.0004", { credentials: [] }),
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
