import assert from "node:assert/strict";
import type { Ebb } from "../harness.ts";

/** Ids of things, by the name of the path parameter, for one service. */
export type Things = Readonly<Record<string, string>>;

const UUID = "0a1b2c3d-1111-4222-8333-444455556666";
const A_WHILE = 2 * 3_600_000;

/** What an operation is asked with, beside its path. */
export interface Sample {
  body?: object;
  query?: string;
}

/** Bodies and queries that pass every check, for the things given. Each operation with fields that must be there has one. */
export const SAMPLES: Readonly<Record<string, (things: Things) => Sample>> = {
  CreateEndpoint: () => ({ body: { name: "ep", type: "inference" } }),
  CreateModelDefinition: () => ({ body: model("another") }),
  UpdateModelDefinition: () => ({ body: { description: "x" } }),
  DeployServiceInstance: (at) => ({
    body: { name: "svc", source: { id: at.model_id }, endpoint_id: at.endpoint_id, config },
  }),
  InvokeModelService: () => ({ body: { messages: [{ role: "user", content: "hello" }] } }),
  CreateJob: () => ({ body: job("another") }),
  RunJob: (at) => ({
    body: { job: { id: at.job_id, version_id: at.job_version_id }, name: "run", endpoint_id: at.endpoint_id },
  }),
  BatchCreateFabricWorkspaceTags: () => ({ body: { tags: [{ key: "a", value: "b" }] } }),
  BatchDeleteFabricWorkspaceTags: () => ({ body: { tags: [{ key: "a", value: "b" }] } }),
  ListFabricProjectTags: () => ({ query: "?use_predefine_tags=false" }),
  ListTagFabricWorkspaces: () => ({ body: {} }),
  CountTagFabricWorkspaces: () => ({ body: {} }),
  ListDevEnvironInstances: () => ({ query: "?de_type=Notebook" }),
  DeleteInstances: (at) => ({ body: { instance_id_set: [at.id] } }),
  ChangeServerPowerState: (at) => ({ body: { action: "power off", server_id_set: [at.server_id] } }),
  ReinstallOS: (at) => ({ body: { password: "Str0ng-Pass", instance_id_set: [at.id] } }),
  ChangeInstancePassword: (at) => ({ body: { new_password: "Str0ng-Pass", instance_id_set: [at.id] } }),
  ModifyInstanceIp: () => ({ body: { nics: [{ subnet_id: UUID }] } }),
  CreateInstance: (at) => ({ body: { ...os, placement: { server_id: at.server_id } } }),
  RunInstances: (at) => ({ body: { ...os, placement: { server_id_set: [at.server_id] } } }),
  UpdateDevEnvironInstance: () => ({ body: { description: "x" } }),
  ActOnDevEnvironInstance: () => ({ body: { action: "stop" } }),
  CreateGaussMySqlProxy: () => ({ body: proxy }),
  CreateGaussMySqlReadonlyNode: () => ({ body: { priorities: [1] } }),
  DeleteGaussMySqlProxy: (at) => ({ body: { proxy_ids: [at.proxy_id] } }),
  ShowGaussMySqlJobInfo: (at) => ({ query: `?id=${at.job_id}` }),
  ShowGaussMySqlFlavors: () => ({ query: "?version_name=8.0&availability_zone_mode=single" }),
  ShowGaussMySqlProxyFlavors: () => ({ query: "?query_type=create" }),
  ListGaussMySqlInstanceDetailInfo: (at) => ({ query: `?instance_ids=${at.instance_id}` }),
  ListGaussMySqlInstanceDetailInfoUnifyStatus: (at) => ({ query: `?instance_ids=${at.instance_id}` }),
};

const config = { model_instance_config: { resource: { spec_code: "mu.llama3.8b", min: 1, max: 1 } } };
const os = {
  name: "host",
  image_id: UUID,
  vpc_id: UUID,
  network_interfaces: [{ subnet_id: UUID }],
  password: "Str0ng-Pass",
};
const proxy = { flavor_ref: "gaussdb.proxy.large.x86.2", node_num: 2 };
const model = (name: string) => ({
  name,
  type: "LLM_MODEL",
  version: {
    name: "v1",
    config: { llm_model_config: { base_model_type: "GLM_4_9B", model_path: "obs://bucket/path/" } },
  },
});
const job = (name: string) => ({
  name,
  type: "RAY_JOB",
  version: { name: "v1", config: { ray_job_config: { entrypoint: "python main.py" } } },
});

/** One of everything, made by account one; ids by service and path parameter. */
export async function furnish(ebb: Ebb): Promise<Record<string, Things>> {
  const { projectId } = ebb.one;
  const post = async (path: string, body: object) => {
    const answer = await ebb.one.ask("POST", path, body);
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.text}`);
    await ebb.pass(A_WHILE);
    return answer.body;
  };
  const workspace = (await post("/v1/workspaces", { name: "walked" })).id as string;
  const inside = `/v1/workspaces/${workspace}`;
  const endpoint = (
    await post(`${inside}/endpoints`, {
      name: "ep",
      type: "inference",
      reserved_resource: { mu: { spec_code: "mu.llama3.8b", min: 0, max: 9 } },
    })
  ).id as string;
  const ray = (await post(`${inside}/endpoints`, { name: "ray", type: "ray" })).id as string;
  const made = await post(`${inside}/models`, model("walked"));
  const service = (
    await post(`${inside}/services/instances`, { name: "svc", source: { id: made.id }, endpoint_id: endpoint, config })
  ).id as string;
  const madeJob = await post(`${inside}/jobs`, job("walked"));
  const run = (
    await post(`${inside}/jobs/runs`, {
      job: { id: madeJob.id, version_id: madeJob.version_id },
      name: "run",
      endpoint_id: ray,
    })
  ).id as string;
  const instance = (await post(`/v1/${projectId}/instances`, os)).instance_id as string;
  const servers = (await ebb.one.ask("GET", `/v1/${projectId}/physicalservers`)).body.servers as { id: string }[];
  const notebook = (
    await post(`/v1/${projectId}/demanager/instances`, {
      name: "nb",
      profile_id: "Multi-Engine 1.0 (python3)-cpu",
      flavor: "modelarts.vm.cpu.2u",
      spec: { storage: { type: "obs", location: { path: "/bucket/dir/" } } },
    })
  ).id as string;
  const database = await post(`/v3/${projectId}/instances`, {
    region: "eu-local-1",
    name: "walked",
    datastore: { type: "gaussdb-mysql", version: "8.0.22" },
    mode: "Cluster",
    flavor_ref: "gaussdb.mysql.xlarge.x86.4",
    vpc_id: UUID,
    subnet_id: UUID,
    security_group_id: UUID,
    password: "Orders-db-9",
    availability_zone_mode: "single",
    slave_count: 1,
  });
  const db = database.instance.id as string;
  const proxyJob = (await post(`/v3/${projectId}/instances/${db}/proxy`, proxy)).job_id as string;
  const [listed] = (await ebb.one.ask("GET", `/v3/${projectId}/instances/${db}/proxies`)).body.proxy_list;
  const detail = (await ebb.one.ask("GET", `/v3/${projectId}/instances/${db}`)).body.instance;
  return {
    dataartsfabric: {
      workspace_id: workspace,
      endpoint_id: endpoint,
      model_id: made.id,
      version_id: made.version_id,
      instance_id: service,
      job_id: madeJob.id,
      job_version_id: madeJob.version_id,
      run_id: run,
    },
    clouddc: { id: instance, server_id: servers[0]?.id ?? "" },
    modelarts: { instance_id: notebook },
    gaussdb: { instance_id: db, node_id: detail.nodes[1].id, proxy_id: listed.proxy.pool_id, job_id: proxyJob },
  };
}

/** Ids of the same shape that nothing has. */
export const none = (things: Things): Things =>
  Object.fromEntries(
    Object.entries(things).map(([name, id]) => [
      name,
      id.replace(/^[0-9a-f]{4}|(?<=DE-)[0-9a-f]{4}/, (head) => (head === "dead" ? "beef" : "dead")),
    ]),
  );
