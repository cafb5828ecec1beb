import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Answer, type Asker, type Ebb, type EbbOptions, startEbb } from "../../../test/harness.ts";

export const MINUTE = 60_000;
/** Longer than anything here takes, but for a run's work. */
export const A_WHILE = 10 * MINUTE;
/** An id that nothing has. */
export const NOBODY = "00000000-0000-4000-8000-000000000000";

const MU = { spec_code: "mu.demo.8b", min: 0, max: 4 };

/** One account's way of making things in DataArtsFabric; each asserts that it was accepted, and answers the id. */
export interface Hands {
  ask: Asker["ask"];
  workspace(name?: string): Promise<string>;
  /** An inference endpoint unless another type is given. Its creation is only accepted. */
  endpoint(workspace: string, body?: object): Promise<string>;
  model(workspace: string, name?: string): Promise<{ id: string; version_id: string }>;
  deploy(workspace: string, endpoint: string, model: string, body?: object): Promise<string>;
  job(workspace: string, config?: object): Promise<{ id: string; version_id: string }>;
  run(workspace: string, endpoint: string, job: string, body?: object): Promise<string>;
}

export interface Fabric extends Ebb {
  hands: Hands;
  /** The other account's. */
  others: Hands;
  held(): Promise<number>;
  /** Nothing is held, and nothing is left in the world. */
  mustBeClean(): Promise<void>;
}

export const resource = { resource: { spec_code: "mu.demo.8b", min: 1, max: 1 } };

/** What one account makes. */
export function handsOf({ ask }: Pick<Asker, "ask">): Hands {
  const make = async (status: number, path: string, body: object): Promise<Answer["body"]> => {
    const answer = await ask("POST", `/v1/workspaces${path}`, body);
    assert.equal(answer.status, status, answer.text);
    return answer.body;
  };
  const version = {
    name: "v1",
    config: { llm_model_config: { base_model_type: "GLM_4_9B", model_path: "obs://b/w/" } },
  };
  return {
    ask,
    workspace: async (name = "lab-ws-01") => (await make(200, "", { name })).id,
    endpoint: async (workspace, body) => {
      const asked = { name: "inf-ep", type: "inference", reserved_resource: { mu: MU }, ...body };
      return (await make(202, `/${workspace}/endpoints`, asked)).id;
    },
    model: (workspace, name = "demo-model") => make(200, `/${workspace}/models`, { name, type: "LLM_MODEL", version }),
    deploy: async (workspace, endpoint_id, model, body) => {
      const config = { model_instance_config: resource };
      const asked = { source: { id: model }, name: "chat svc", endpoint_id, config, ...body };
      return (await make(200, `/${workspace}/services/instances`, asked)).id;
    },
    job: (workspace, config) => {
      const ray_job_config = { entrypoint: "python main.py" };
      const asked = {
        name: "nightly",
        type: "RAY_JOB",
        version: { name: "v1", config: { ray_job_config, ...config } },
      };
      return make(200, `/${workspace}/jobs`, asked);
    },
    run: async (workspace, endpoint_id, job, body) =>
      (await make(200, `/${workspace}/jobs/runs`, { job: { id: job }, name: "run 1", endpoint_id, ...body })).id,
  };
}

export async function startFabric(t: TestContext, options: EbbOptions = {}): Promise<Fabric> {
  const ebb = await startEbb(t, options);
  const count = async (sql: string) =>
    Number((await ebb.store.read((session) => session.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`)))?.n);
  const held = () => count("holdings WHERE released_at IS NULL");
  return {
    ...ebb,
    hands: handsOf(ebb.one),
    others: handsOf(ebb.two),
    held,
    async mustBeClean() {
      assert.equal(await held(), 0);
      assert.deepEqual(await ebb.house.drivers.inference.marked(), []);
      const scan = await ebb.house.lifecycle.scan();
      assert.deepEqual([scan.stranded, scan.overdue, scan.leaked], [0, 0, 0]);
    },
  };
}

/** A workspace with a running endpoint, a model, and a running instance of it. */
export async function startServing(fabric: Fabric): Promise<Serving> {
  const { hands } = fabric;
  const workspace = await hands.workspace();
  const endpoint = await hands.endpoint(workspace);
  await fabric.pass(A_WHILE);
  const { id: model, version_id: version } = await hands.model(workspace);
  const instance = await hands.deploy(workspace, endpoint, model);
  await fabric.pass(A_WHILE);
  return { workspace, endpoint, model, version, instance };
}

export interface Serving {
  workspace: string;
  endpoint: string;
  model: string;
  version: string;
  instance: string;
}
