import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { type ModelAnswer, type Question, Refusal } from "../../drivers/port.ts";
import { NOBODY, startFabric, startServing } from "./fabric-testing.ts";

const HELLO = { messages: [{ role: "user", content: "hello" }] };
const said = (status: number, text: string, contentType = "application/json"): ModelAnswer => ({
  status,
  contentType,
  body: Readable.from([text]),
});

/** A served model whose answer is `answer`; what it is asked is kept. */
async function serve(t: TestContext, answer?: () => ModelAnswer) {
  const fabric = await startFabric(t);
  const serving = await startServing(fabric);
  const asked: { ref: string; question: Question }[] = [];
  if (answer)
    fabric.house.drivers.inference.ask = async (ref, question) => {
      asked.push({ ref, question });
      return answer();
    };
  const base = `/v1/workspaces/${serving.workspace}/services/instances`;
  const ask = (body: unknown, id = serving.instance, who = fabric.hands) =>
    who.ask("POST", `${base}/${id}/invocations`, body);
  return { fabric, serving, asked, ask, base };
}

test("the simulated world serves no model, and an invocation says what to do about it", async (t) => {
  const { ask } = await serve(t);
  const { status, body } = await ask(HELLO);
  assert.deepEqual([status, body.error_code], [400, "dataartsfabric.00010195"]);
  assert.equal(body.error_msg, "Inference features are not enabled.");
  assert.match(body.solution_msg, /inference: containers/);
});

test("a model is asked under its own name with all that was sent, and its answer goes back as it is", async (t) => {
  const { ask, asked, serving } = await serve(t, () => said(200, '{"choices":[]}'));
  const { status, body } = await ask({ ...HELLO, max_tokens: 0, stop: ["."] });
  assert.deepEqual([status, body], [200, { choices: [] }]);
  const [{ ref, question } = assert.fail()] = asked;
  assert.match(ref, new RegExp(`^replicas-${serving.instance}-`));
  assert.equal(question.path, "/v1/chat/completions");
  assert.deepEqual(question.body, { model: serving.version, ...HELLO, max_tokens: 4096, stop: ["."] });
  await ask({ ...HELLO, model: "mine" });
  assert.equal(asked[1]?.question.body.model, "mine");
  await ask({ input: "hello" });
  assert.equal(asked[2]?.question.path, "/v1/embeddings");
});

test("what a model says in parts is passed on in parts", async (t) => {
  const { ask } = await serve(t, () => said(200, "data: a\n\ndata: b\n\n", "text/event-stream"));
  const { headers, text } = await ask({ ...HELLO, stream: true });
  assert.deepEqual([headers.get("content-type"), text], ["text/event-stream", "data: a\n\ndata: b\n\n"]);
});

test("a question that no model can be asked reaches none", async (t) => {
  const { ask, asked } = await serve(t, () => said(200, "{}"));
  for (const body of [
    {},
    { messages: [] },
    { ...HELLO, temperature: 3 },
    { ...HELLO, max_tokens: 1, max_completion_tokens: 1 },
    { messages: [{ role: "user" }] },
  ]) {
    const answer = await ask(body);
    assert.deepEqual([answer.status, answer.body.error_code], [400, "common.01000001"], JSON.stringify(body));
  }
  assert.equal(asked.length, 0);
});

test("a model's complaint is the caller's to read, and its failure is no success", async (t) => {
  let status = 422;
  const { ask } = await serve(t, () => said(status, "x".repeat(10_000)));
  const refused = await ask(HELLO);
  assert.deepEqual([refused.status, refused.body.error_msg.length], [400, 512]);
  assert.match(refused.body.error_msg, /^the model answered 422: x+$/);
  status = 503;
  const failed = await ask(HELLO);
  assert.deepEqual([failed.status, failed.body.error_code], [500, "common.00000500"]);
  assert.match(failed.body.solution_msg, /^the model answered 503/);
});

test("a model that does not answer is an error that says who can help", async (t) => {
  const refusal = new Refusal("nobody answers", { owner: "an operator", hint: "look at it" });
  const { ask } = await serve(t, () => {
    throw refusal;
  });
  const { status, body } = await ask(HELLO);
  assert.deepEqual([status, body.solution_msg], [500, "nobody answers: look at it"]);
});

test("only a served instance of one's own can be asked", async (t) => {
  const { ask, asked, fabric, serving, base } = await serve(t, () => said(200, "{}"));
  assert.equal((await ask(HELLO, NOBODY)).status, 404);
  const foreign = await ask(HELLO, serving.instance, fabric.others);
  assert.deepEqual([foreign.status, foreign.body.error_code], [404, "common.01000001"]);
  assert.equal((await fabric.hands.ask("DELETE", `${base}/${serving.instance}`)).status, 202);
  const leaving = await ask(HELLO);
  assert.deepEqual([leaving.status, leaving.body.error_code], [400, "common.01000001"]);
  assert.match(leaving.body.error_msg, /is DELETING: invoke is not possible/);
  assert.equal(asked.length, 0);
});
