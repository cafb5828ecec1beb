import type { Made, Script } from "../script.ts";

const config = { model_instance_config: { resource: { spec_code: "mu.llama3.8b", min: 1, max: 1 } } };
const llm = { llm_model_config: { base_model_type: "GLM_4_9B", model_path: "obs://bucket/path/" } };
const ray = { ray_job_config: { entrypoint: "python main.py" } };

/** A workspace, and the path of what is in it. */
async function workspace(script: Script, name: string): Promise<{ inside: string; made: Made }> {
  const id = await script.make("fabric.workspace", name, "/v1/workspaces", { name });
  return { inside: `/v1/workspaces/${id}`, made: { id, remove: ["DELETE", `/v1/workspaces/${id}`] } };
}

async function endpoint(script: Script, inside: string, name: string, type: string): Promise<Made> {
  const reserved = { reserved_resource: { mu: { spec_code: "mu.llama3.8b", min: 0, max: 9 } } };
  const body = { name, type, ...(type === "inference" ? reserved : {}) };
  const id = await script.make("fabric.endpoint", name, `${inside}/endpoints`, body);
  return { id, remove: ["DELETE", `${inside}/endpoints/${id}`] };
}

async function model(script: Script, inside: string, name: string): Promise<Made> {
  const body = { name, type: "LLM_MODEL", version: { name: `${name}-v1`, config: llm } };
  const id = await script.make("fabric.model", name, `${inside}/models`, body);
  return { id, remove: ["DELETE", `${inside}/models/${id}`] };
}

async function instance(
  script: Script,
  inside: string,
  name: string,
  endpointId: string,
  modelId: string,
): Promise<Made> {
  const body = { name, source: { id: modelId }, endpoint_id: endpointId, config };
  const id = await script.make("fabric.instance", name, `${inside}/services/instances`, body);
  return { id, remove: ["DELETE", `${inside}/services/instances/${id}`] };
}

async function run(script: Script, inside: string, name: string, jobId: string, endpointId: string): Promise<Made> {
  const body = { name, job: { id: jobId }, endpoint_id: endpointId };
  const id = await script.make("fabric.job-run", name, `${inside}/jobs/runs`, body);
  return { id, remove: ["DELETE", `${inside}/jobs/runs/${id}`] };
}

/** A workspace and an endpoint in it, which is changed, and deleted from its every state. */
export async function endpoints(script: Script, tag: string): Promise<void> {
  const ws = await workspace(script, `${tag}-ws`);
  const one = await endpoint(script, ws.inside, `${tag}-ep`, "inference");
  await script.settle();
  const more = { mu: { spec_code: "mu.llama3.8b", min: 1, max: 10 } };
  await script.act("update", "PUT", `${ws.inside}/endpoints/${one.id}`, { reserved_resource: more });
  await script.settle();
  await script.remove(one);
  await script.settle();
  const early = await endpoint(script, ws.inside, `${tag}-early`, "inference");
  await script.moment(60_000);
  await script.remove(early);
  await script.settle();
  await script.remove(ws.made);
}

/** A model in versions, one of them served by an instance, which is changed and deleted; another is deleted early. */
export async function instances(script: Script, tag: string): Promise<void> {
  const ws = await workspace(script, `${tag}-ws`);
  const at = await endpoint(script, ws.inside, `${tag}-ep`, "inference");
  const served = await model(script, ws.inside, `${tag}-model`);
  await script.settle();
  const path = `${ws.inside}/models/${served.id}`;
  await script.act("a version", "PUT", path, { version: { name: `${tag}-v2`, config: llm } });
  const version = (await script.find("fabric.model-version", `${tag}-v2`)) ?? "";
  await script.remove({ id: version, remove: ["DELETE", `${path}/versions/${version}`] });
  const one = await instance(script, ws.inside, `${tag}-svc`, at.id, served.id);
  await script.settle();
  const wider = { model_instance_config: { resource: { min: 1, max: 2 } } };
  await script.act("update", "PUT", `${ws.inside}/services/instances/${one.id}`, { config: wider });
  await script.settle();
  await script.remove(one);
  await script.settle();
  const early = await instance(script, ws.inside, `${tag}-early`, at.id, served.id);
  await script.moment(60_000);
  await script.remove(early);
  await script.settle();
  await script.remove(served);
  await script.remove(at);
  await script.settle();
  await script.remove(ws.made);
}

/** A job with a run that ends, one that is cancelled and one that is deleted at work. */
export async function jobs(script: Script, tag: string): Promise<void> {
  const ws = await workspace(script, `${tag}-ws`);
  const at = await endpoint(script, ws.inside, `${tag}-ray`, "ray");
  const body = { name: `${tag}-job`, type: "RAY_JOB", version: { name: `${tag}-v1`, config: ray } };
  const job = await script.make("fabric.job", `${tag}-job`, `${ws.inside}/jobs`, body);
  await script.settle();
  await run(script, ws.inside, `${tag}-ends`, job, at.id);
  await script.settle();
  const cancelled = await run(script, ws.inside, `${tag}-cancelled`, job, at.id);
  await script.moment(360_000);
  await script.act("cancel", "POST", `${ws.inside}/jobs/runs/${cancelled.id}/cancel`);
  await script.settle();
  const deleted = await run(script, ws.inside, `${tag}-deleted`, job, at.id);
  await script.moment(360_000);
  await script.remove(deleted);
  await script.settle();
  await script.remove({ id: job, remove: ["DELETE", `${ws.inside}/jobs/${job}`] });
  await script.settle();
  await script.remove(at);
  await script.settle();
  await script.remove(ws.made);
}
