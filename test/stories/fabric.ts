import type { Made, Teller } from "./teller.ts";

const config = { model_instance_config: { resource: { spec_code: "mu.llama3.8b", min: 1, max: 1 } } };
const llm = { llm_model_config: { base_model_type: "GLM_4_9B", model_path: "obs://bucket/path/" } };
const rayJob = { ray_job_config: { entrypoint: "python main.py" } };

/** A workspace, and the path of what is in it. */
async function workspace(teller: Teller, name: string): Promise<{ inside: string; made: Made }> {
  const id = await teller.make("fabric.workspace", name, "/v1/workspaces", { name });
  return { inside: `/v1/workspaces/${id}`, made: { id, remove: ["DELETE", `/v1/workspaces/${id}`] } };
}

async function endpoint(teller: Teller, inside: string, name: string, type: string): Promise<Made> {
  const reserved = { reserved_resource: { mu: { spec_code: "mu.llama3.8b", min: 0, max: 9 } } };
  const body = { name, type, ...(type === "inference" ? reserved : {}) };
  const id = await teller.make("fabric.endpoint", name, `${inside}/endpoints`, body);
  return { id, remove: ["DELETE", `${inside}/endpoints/${id}`] };
}

async function model(teller: Teller, inside: string, name: string): Promise<Made> {
  const body = { name, type: "LLM_MODEL", version: { name: `${name}-v1`, config: llm } };
  const id = await teller.make("fabric.model", name, `${inside}/models`, body);
  return { id, remove: ["DELETE", `${inside}/models/${id}`] };
}

async function instance(
  teller: Teller,
  inside: string,
  name: string,
  endpointId: string,
  modelId: string,
): Promise<Made> {
  const body = { name, source: { id: modelId }, endpoint_id: endpointId, config };
  const id = await teller.make("fabric.instance", name, `${inside}/services/instances`, body);
  return { id, remove: ["DELETE", `${inside}/services/instances/${id}`] };
}

async function run(teller: Teller, inside: string, name: string, jobId: string, endpointId: string): Promise<Made> {
  const body = { name, job: { id: jobId }, endpoint_id: endpointId };
  const id = await teller.make("fabric.job-run", name, `${inside}/jobs/runs`, body);
  return { id, remove: ["DELETE", `${inside}/jobs/runs/${id}`] };
}

async function job(teller: Teller, inside: string, name: string): Promise<Made> {
  const body = { name, type: "RAY_JOB", version: { name: `${name}-v1`, config: rayJob } };
  const id = await teller.make("fabric.job", name, `${inside}/jobs`, body);
  return { id, remove: ["DELETE", `${inside}/jobs/${id}`] };
}

/** A workspace and an endpoint in it, which is changed, and deleted from its every state. */
export async function endpoints(teller: Teller, tag: string): Promise<void> {
  const ws = await workspace(teller, `${tag}-ws`);
  const one = await endpoint(teller, ws.inside, `${tag}-ep`, "inference");
  await teller.settle();
  const more = { mu: { spec_code: "mu.llama3.8b", min: 1, max: 10 } };
  await teller.act("update", "PUT", `${ws.inside}/endpoints/${one.id}`, { reserved_resource: more });
  await teller.settle();
  await teller.remove(one);
  await teller.settle();
  const early = await endpoint(teller, ws.inside, `${tag}-early`, "inference");
  await teller.moment(60_000);
  await teller.remove(early);
  await teller.settle();
  await teller.remove(ws.made);
}

/** A model in versions, one of them served by an instance, which is changed and deleted; another is deleted early. */
export async function instances(teller: Teller, tag: string): Promise<void> {
  const ws = await workspace(teller, `${tag}-ws`);
  const at = await endpoint(teller, ws.inside, `${tag}-ep`, "inference");
  const served = await model(teller, ws.inside, `${tag}-model`);
  await teller.settle();
  const path = `${ws.inside}/models/${served.id}`;
  await teller.act("a version", "PUT", path, { version: { name: `${tag}-v2`, config: llm } });
  const version = (await teller.find("fabric.model-version", `${tag}-v2`)) ?? "";
  await teller.remove({ id: version, remove: ["DELETE", `${path}/versions/${version}`] });
  const one = await instance(teller, ws.inside, `${tag}-svc`, at.id, served.id);
  await teller.settle();
  const wider = { model_instance_config: { resource: { min: 1, max: 2 } } };
  await teller.act("update", "PUT", `${ws.inside}/services/instances/${one.id}`, { config: wider });
  await teller.settle();
  await teller.remove(one);
  await teller.settle();
  const early = await instance(teller, ws.inside, `${tag}-early`, at.id, served.id);
  await teller.moment(60_000);
  await teller.remove(early);
  await teller.settle();
  await teller.remove(served);
  await teller.remove(at);
  await teller.settle();
  await teller.remove(ws.made);
}

/** A job with a run that ends, one that is cancelled and one that is deleted at work. */
export async function jobs(teller: Teller, tag: string): Promise<void> {
  const ws = await workspace(teller, `${tag}-ws`);
  const at = await endpoint(teller, ws.inside, `${tag}-ray`, "ray");
  const { id: jobId, remove } = await job(teller, ws.inside, `${tag}-job`);
  await teller.settle();
  await run(teller, ws.inside, `${tag}-ends`, jobId, at.id);
  await teller.settle();
  const cancelled = await run(teller, ws.inside, `${tag}-cancelled`, jobId, at.id);
  await teller.moment(360_000);
  await teller.perhaps("cancel", "POST", `${ws.inside}/jobs/runs/${cancelled.id}/cancel`);
  await teller.settle();
  const deleted = await run(teller, ws.inside, `${tag}-deleted`, jobId, at.id);
  await teller.moment(360_000);
  await teller.remove(deleted);
  await teller.settle();
  await teller.remove({ id: jobId, remove });
  await teller.settle();
  await teller.remove(at);
  await teller.settle();
  await teller.remove(ws.made);
}

/** A workspace with one of everything in it. */
export async function furnish(teller: Teller, tag: string): Promise<Made> {
  const ws = await workspace(teller, `${tag}-ws`);
  const at = await endpoint(teller, ws.inside, `${tag}-ep`, "inference");
  const ray = await endpoint(teller, ws.inside, `${tag}-ray`, "ray");
  const served = await model(teller, ws.inside, `${tag}-model`);
  await teller.settle();
  await instance(teller, ws.inside, `${tag}-svc`, at.id, served.id);
  const done = await job(teller, ws.inside, `${tag}-job`);
  await run(teller, ws.inside, `${tag}-run`, done.id, ray.id);
  await teller.settle();
  return ws.made;
}
