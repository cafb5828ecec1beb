import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Asker } from "../../harness.ts";
import { assertNothingLeft, type Real, waitFor } from "./rig.ts";

const here = (name: string) => join(import.meta.dirname, name);

/** Serves a real model, which adds small numbers, from the file that the model's path names. */
export const LLAMA = { command: ["node", "/models/llama.mjs", "{host}", "{port}", "/models/{path}"] };

/** Puts the server into the folder of models, and the real model's file where `obs://sums/tiny.gguf` is in it. */
export function placeModel(buckets: string): void {
  const models = join(buckets, "models");
  mkdirSync(join(models, "sums"), { recursive: true });
  copyFileSync(here("llama.mjs"), join(models, "llama.mjs"));
  copyFileSync(here("tiny.gguf"), join(models, "sums", "tiny.gguf"));
}

/** Answers with where it is; what says "hold" is answered once the file `go` is there, and "die" is the end of it. */
export const HOLDING = {
  busy_at: 1,
  idle_seconds: 1,
  command: [
    "python3",
    "-c",
    `
import http.server, json, os, pathlib, socket, sys, time
host, port = sys.argv[1:]
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
    def do_GET(self):
        self.answer({"status": "ok"})
    def do_POST(self):
        asked = self.rfile.read(int(self.headers["content-length"]))
        while b"hold" in asked and not pathlib.Path("/models/go").exists():
            time.sleep(0.05)
        if b"die" in asked:
            os._exit(1)
        self.answer({"at": f"{socket.gethostname()}:{port}"})
http.server.ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
`,
    "{host}",
    "{port}",
  ],
};

export interface Deployed {
  ask(body: object): ReturnType<Asker["ask"]>;
  /** Where it is asked. */
  path: string;
  rescale(max: number): Promise<void>;
  /** Deletes it and all that is around it. */
  remove(): Promise<void>;
}

const COMPUTE = { spec_code: "mu.demo.8b", min: 0, max: 4 };

const sized = (size: object) => ({ model_instance_config: { resource: size } });

/** A workspace, an endpoint and a model, and an instance that serves it. */
export async function deploy(real: Real, { min, max }: { min: number; max: number }): Promise<Deployed> {
  const { one } = real.ebb;
  const must = async (method: string, path: string, body?: object) => {
    const answer = await one.ask(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`);
    return answer.body;
  };
  const workspace = `/v1/workspaces/${(await must("POST", "/v1/workspaces", { name: "lab-ws-01" })).id}`;
  const reserved_resource = { mu: COMPUTE };
  const asked = { name: "inf-ep", type: "inference", reserved_resource };
  const { id: endpoint } = await must("POST", `${workspace}/endpoints`, asked);
  const llm_model_config = { base_model_type: "GLM_4_9B", model_path: "obs://sums/tiny.gguf" };
  const version = { name: "v1", config: { llm_model_config } };
  const { id: model } = await must("POST", `${workspace}/models`, { name: "sums", type: "LLM_MODEL", version });
  await waitFor(one, `${workspace}/endpoints/${endpoint}`, "RUNNING");
  const config = sized({ spec_code: COMPUTE.spec_code, min, max });
  const instances = `${workspace}/services/instances`;
  const served = { source: { id: model }, name: "adder", endpoint_id: endpoint, config };
  const { id } = await must("POST", instances, served);
  const path = `${instances}/${id}`;
  await waitFor(one, path, "RUNNING");
  const gone = (at: string) => waitFor(one, at, "gone", (body) => (body?.status ? "there" : "gone"));
  return {
    path,
    ask: (body) => one.ask("POST", `${path}/invocations`, body),
    async rescale(most) {
      await must("PUT", path, { config: sized({ min, max: most }) });
      await waitFor(one, path, "RUNNING");
    },
    async remove() {
      await must("DELETE", path);
      await gone(path);
      await must("DELETE", `${workspace}/models/${model}`);
      await must("DELETE", `${workspace}/endpoints/${endpoint}`);
      await gone(`${workspace}/endpoints/${endpoint}`);
      await must("DELETE", workspace);
      await assertNothingLeft(real);
    },
  };
}
