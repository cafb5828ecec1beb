import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Stamp } from "../../../src/drivers/port.ts";
import { until } from "../until.ts";
import { assertWorldEmpty, docker, names, startReal } from "./rig.ts";

const stamp = (fence: number): Stamp => ({
  tenant: "one",
  kind: "toy",
  resourceId: "r",
  incarnation: "i",
  operationId: "o",
  fence,
});

/** A model's server in Python: it answers with the name of its model's file, and what that holds. */
const SERVER = `
import http.server, json, pathlib, sys
host, port, model = sys.argv[1:]
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
    def do_GET(self):
        self.answer({"status": "ok"})
    def do_POST(self):
        self.answer({"model": model, "choices": [{"message": {"content": pathlib.Path("/models", model).read_text()}}]})
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
`;

async function inferenceOf(t: TestContext) {
  const command = ["python3", "-c", SERVER, "{host}", "{port}", "{model}"];
  const { ebb, buckets } = await startReal(t, { inference: { command } });
  const host = ebb.house.drivers.inference;
  const ready = <T extends "replicas" | "run" | "reservation">(type: T, ref: string) =>
    until(`${ref} is ready`, async () => {
      const look = await host.look(type, ref);
      assert.notEqual(look.is, "broken", JSON.stringify(look));
      return look.is === "ready" ? look.facts : undefined;
    });
  return { host, ready, models: join(buckets, "models") };
}

test("a model is served from its file, by a server that is gone when it is unmade", async (t) => {
  const { host, ready, models } = await inferenceOf(t);
  mkdirSync(models, { recursive: true });
  writeFileSync(join(models, "toy"), "hello");
  await host.make("replicas", "replicas-1", { flavor: "f", model: "toy", min: 1, max: 1 }, stamp(1));
  const { url } = await ready("replicas", "replicas-1");
  const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", body: "{}" });
  assert.deepEqual(await answer.json(), { model: "toy", choices: [{ message: { content: "hello" } }] });
  const { Mounts } = await docker.getContainer((await names())[0] ?? "").inspect();
  assert.equal(Mounts[0]?.RW, false);
  await host.unmake("replicas", "replicas-1", stamp(2));
  assert.deepEqual(await host.look("replicas", "replicas-1"), { is: "absent" });
  await assertWorldEmpty();
});

test("a run stands until it is set going, and ends as its program does", async (t) => {
  const { host, ready } = await inferenceOf(t);
  for (const [ref, entry, ended] of [
    ["run-1", "exit 0", "succeeded"],
    ["run-2", "exit 3", "failed"],
  ] as const) {
    await host.make("run", ref, { flavor: "f", entry, going: false }, stamp(1));
    assert.deepEqual(await ready("run", ref), { ended: null });
    await host.change("run", ref, { going: true }, stamp(1));
    assert.deepEqual(await ready("run", ref), { ended });
    await host.unmake("run", ref, stamp(2));
  }
  await assertWorldEmpty();
});

test("a reservation is a record that carries the mark, and no more", async (t) => {
  const { host, ready } = await inferenceOf(t);
  await host.make("reservation", "reservation-1", { flavor: "f", min: 1, max: 2 }, stamp(1));
  await ready("reservation", "reservation-1");
  assert.deepEqual(await host.marked(), [{ ref: "reservation-1", type: "reservation" }]);
  assert.deepEqual(await names(), []);
  await host.unmake("reservation", "reservation-1", stamp(2));
  await assertWorldEmpty();
});
