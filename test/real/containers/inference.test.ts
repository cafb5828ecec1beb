import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Stamp } from "../../../src/drivers/port.ts";
import { until } from "../until.ts";
import { deploy, HOLDING, LLAMA, placeModel } from "./models.ts";
import { assertWorldEmpty, docker, names, startReal } from "./rig.ts";

const stamp = (fence: number): Stamp => ({
  tenant: "one",
  kind: "toy",
  resourceId: "r",
  incarnation: "i",
  operationId: "o",
  fence,
});

const say = (content: string) => ({ messages: [{ role: "user", content }], temperature: 0 });

test("a real model is deployed, answers through the wire whole and in parts, embeds, and is gone after its delete", async (t) => {
  const real = await startReal(t, { inference: LLAMA });
  placeModel(real.buckets);
  const model = await deploy(real, { min: 1, max: 1 });

  const answer = await model.ask(say("What is 3+4?"));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.choices[0].message.content, "3+4 is 7.");

  const streamed = await model.ask({ ...say("What is 2+2?"), stream: true });
  assert.equal(streamed.headers.get("content-type"), "text/event-stream");
  const lines = streamed.text.split("\n\n").filter(Boolean);
  assert.equal(lines.pop(), "data: [DONE]");
  const parts = lines.map((line) => JSON.parse(line.slice("data: ".length)).choices[0].delta.content ?? "");
  assert.equal(parts.join(""), "2+2 is 4.");
  assert.ok(parts.length > 3, "it came as it was made");

  const embedded = await model.ask({ input: "What is 3+4?" });
  assert.equal(embedded.body.data[0].embedding.length, 128);

  const refused = await model.ask({ ...say("What is 1+1?"), max_tokens: 5, max_completion_tokens: 5 });
  assert.deepEqual([refused.status, refused.body.error_code], [400, "common.01000001"]);
  const complaint = await model.ask({ input: { not: "a text" } });
  assert.equal(complaint.status, 400);
  assert.match(complaint.body.error_msg, /^the model answered 400: /);

  const [name = ""] = await names();
  const { Mounts } = await docker.getContainer(name).inspect();
  assert.equal(Mounts[0]?.RW, false, "what it serves it cannot change");
  await docker.getContainer(name).stop();
  const silent = await model.ask(say("What is 1+1?"));
  assert.equal(silent.status, 500);
  assert.match(silent.body.solution_msg, /no replica .* answers: 0 of 1 run/);
  await model.remove();
  assert.equal((await model.ask(say("What is 1+1?"))).status, 404);
});

const running = async () => (await docker.listContainers()).length;

test("the least replicas always serve, more do while they are busy, and none is left after the delete", async (t) => {
  const real = await startReal(t, { inference: HOLDING });
  const model = await deploy(real, { min: 1, max: 2 });
  assert.deepEqual([(await names()).length, await running()], [2, 1]);

  const held = [model.ask(say("hold")), model.ask(say("hold"))];
  const places = new Set<string>();
  await until("another replica answers, while the first is busy", async () => {
    places.add((await model.ask(say("go on"))).body.at);
    return places.size === 2 ? true : undefined;
  });
  assert.equal(await running(), 2);
  writeFileSync(join(real.buckets, "models", "go"), "");
  for (const { status } of await Promise.all(held)) assert.equal(status, 200);
  await until("the other one has stopped", async () => ((await running()) === 1 ? true : undefined));

  await docker.getContainer((await names()).find((name) => name.endsWith("-1")) ?? "").start();
  await model.ask(say("go on"));
  await until("one that somebody has started rests, too", async () => ((await running()) === 1 ? true : undefined));

  const broken = await model.ask(say("die"));
  assert.equal(broken.status, 500);
  assert.match(broken.body.solution_msg, /replica 0 .* broke off/);

  await model.rescale(1);
  assert.equal((await names()).length, 1);
  await model.remove();
});

test("a run stands until it is set going, and ends as its program does", async (t) => {
  const { ebb } = await startReal(t);
  const host = ebb.house.drivers.inference;
  const ready = (ref: string) =>
    until(`${ref} is ready`, async () => {
      const look = await host.look("run", ref);
      assert.notEqual(look.is, "broken", JSON.stringify(look));
      return look.is === "ready" ? look.facts : undefined;
    });
  for (const [ref, entry, ended] of [
    ["run-1", "exit 0", "succeeded"],
    ["run-2", "exit 3", "failed"],
  ] as const) {
    await host.make("run", ref, { flavor: "f", entry, going: false }, stamp(1));
    assert.deepEqual(await ready(ref), { ended: null });
    await host.change("run", ref, { going: true }, stamp(1));
    assert.deepEqual(await ready(ref), { ended });
    await host.unmake("run", ref, stamp(2));
  }
  await assertWorldEmpty();
});
