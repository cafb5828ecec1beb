import { fabric as service } from "../../../src/services/fabric/index.ts";
import type { Hands, Stage } from "../stage.ts";
import { deleting, tearDown } from "./deleting.ts";

const A_WHILE = 10 * 60_000;
const resource = { spec_code: "mu.demo.8b", min: 1, max: 1 };
const endpointBody = (type: string) => ({
  name: "ep",
  type,
  reserved_resource: { mu: { spec_code: "mu.demo.8b", min: 0, max: 4 } },
});
const version = { name: "v1", config: { llm_model_config: { base_model_type: "GLM_4_9B", model_path: "obs://b/w/" } } };

/** Asks, and answers the id of what was made. */
async function made(hands: Hands, operation: string, params: object, body: object): Promise<string> {
  const answer = (await hands.call(operation, params, body)) as { id: string };
  return answer.id;
}

/** A workspace with an endpoint, a model, and an instance that serves it. */
export const serving: Stage = {
  name: "fabric",
  service,
  kinds: service.kinds,
  async furnish(hands, pass) {
    const workspace = await made(hands, "CreateWorkspace", {}, { name: "ws" });
    const endpoint = await made(hands, "CreateEndpoint", { workspace_id: workspace }, endpointBody("inference"));
    const free = await made(hands, "CreateEndpoint", { workspace_id: workspace }, endpointBody("inference"));
    const model = await made(
      hands,
      "CreateModelDefinition",
      { workspace_id: workspace },
      { name: "m", type: "LLM_MODEL", version },
    );
    const unused = await made(
      hands,
      "CreateModelDefinition",
      { workspace_id: workspace },
      { name: "n", type: "LLM_MODEL", version },
    );
    const empty = await made(hands, "CreateWorkspace", {}, { name: "empty" });
    await pass(A_WHILE);
    const instance = await made(hands, "DeployServiceInstance", { workspace_id: workspace }, deploy(model, endpoint));
    await pass(A_WHILE);
    return { workspace, endpoint, free, model, unused, empty, instance };
  },
  moves: [
    move("delete-instance", "DeleteServiceInstance", ({ instance }) => ({ instance_id: instance })),
    move("update-instance", "UpdateServiceInstance", ({ instance }) => ({ instance_id: instance }), {
      config: { model_instance_config: { resource: { ...resource, max: 2 } } },
    }),
    move("delete-endpoint", "DeleteEndpoint", ({ endpoint }) => ({ endpoint_id: endpoint })),
    move("delete-free-endpoint", "DeleteEndpoint", ({ free }) => ({ endpoint_id: free })),
    move("update-free-endpoint", "UpdateEndpoint", ({ free }) => ({ endpoint_id: free }), endpointBody("inference")),
    {
      name: "deploy-on-free",
      ask: (hands, { workspace, unused = "", free = "" }) =>
        hands.call("DeployServiceInstance", { workspace_id: workspace }, deploy(unused, free)),
    },
    move("delete-unused-model", "CleanupModel", ({ unused }) => ({ model_id: unused })),
    { name: "delete-empty", ask: (hands, { empty }) => hands.call("DeleteWorkspace", { workspace_id: empty }) },
    {
      name: "create-in-empty",
      ask: (hands, { empty }) => hands.call("CreateEndpoint", { workspace_id: empty }, endpointBody("inference")),
    },
    tearDown("endpoint"),
  ],
};

function deploy(model: string, endpoint: string): object {
  return { source: { id: model }, name: "svc", endpoint_id: endpoint, config: { model_instance_config: { resource } } };
}

/** A move that names something in the stage's workspace. */
function move(
  name: string,
  operation: string,
  params: (things: Record<string, string>) => object,
  body: object = {},
): Stage["moves"][number] {
  const ask: Stage["moves"][number]["ask"] = (hands, things) =>
    hands.call(operation, { workspace_id: things.workspace, ...params(things) }, body);
  return { name, ask };
}

const ray = { entrypoint: "python main.py" };

/** A job with a run that works, on an endpoint for jobs. */
export const running: Stage = {
  name: "fabric-jobs",
  service,
  kinds: service.kinds,
  async furnish(hands, pass) {
    const workspace = await made(hands, "CreateWorkspace", {}, { name: "ws" });
    const endpoint = await made(hands, "CreateEndpoint", { workspace_id: workspace }, endpointBody("ray"));
    await pass(A_WHILE);
    const body = {
      name: "nightly",
      type: "RAY_JOB",
      version: { name: "v1", config: { ray_job_config: ray, max_concurrent_runs: 4 } },
    };
    const job = await made(hands, "CreateJob", { workspace_id: workspace }, body);
    const run = await made(
      hands,
      "RunJob",
      { workspace_id: workspace },
      { job: { id: job }, name: "r", endpoint_id: endpoint },
    );
    await pass(60_000);
    return { workspace, endpoint, job, run };
  },
  moves: [
    move("delete-run", "DeleteJobRun", ({ run }) => ({ run_id: run })),
    move("cancel-run", "CancelJobRun", ({ run }) => ({ run_id: run })),
    move("delete-job", "DeleteJob", ({ job }) => ({ job_id: job })),
    move("delete-endpoint", "DeleteEndpoint", ({ endpoint }) => ({ endpoint_id: endpoint })),
    {
      name: "run-job",
      ask: (hands, { workspace, job, endpoint }) =>
        hands.call("RunJob", { workspace_id: workspace }, { job: { id: job }, name: "r2", endpoint_id: endpoint }),
    },
  ],
};

export const servingDeleting = deleting(serving, "delete-instance", "instance");
