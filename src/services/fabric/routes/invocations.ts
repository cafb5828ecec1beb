import { type Static, Type } from "typebox";
import { type ModelAnswer, type Question, Refusal } from "../../../drivers/port.ts";
import { refOf, WrongState } from "../../../lifecycle/index.ts";
import { operation } from "../../../wire/index.ts";
import { EMBEDS, INVOKE_ACTION, MAX_TOKENS_OF_ZERO } from "../choices.ts";
import { modelFailed, notEnabled, refused } from "../dialect.ts";
import { readInside } from "../inside.ts";
import { INSTANCE, REPLICAS, specOf } from "../instance.ts";
import { Id } from "../schemas.ts";

/** Bytes of a model's complaint that are passed on. */
const COMPLAINT_MOST = 4_096;
/** States in which the replicas serve. */
const SERVING = ["RUNNING", "UPDATING"];

const from = (minimum: number, maximum: number) => Type.Optional(Type.Number({ minimum, maximum }));
const Count = Type.Optional(Type.Integer({ minimum: 0 }));

/** What the page has is checked; what it does not name is the model's to read. */
const Body = Type.Object({
  messages: Type.Optional(
    Type.Array(Type.Object({ role: Type.String(), content: Type.String() }), { minItems: 1, maxItems: 100_000 }),
  ),
  input: Type.Optional(Type.Unknown()),
  model: Type.Optional(Type.String()),
  max_tokens: Count,
  max_completion_tokens: Count,
  temperature: from(0, 2),
  top_p: from(0, 1),
  frequency_penalty: from(-2, 2),
  presence_penalty: from(-2, 2),
  n: Type.Optional(Type.Integer({ minimum: 1 })),
  stream: Type.Optional(Type.Boolean()),
});

/** The question as the model is asked it; a model that is not named is the one that is served. */
function questionOf(body: Static<typeof Body>, model: string): Pick<Question, "path" | "body"> {
  if (body.max_tokens !== undefined && body.max_completion_tokens !== undefined)
    throw refused("max_tokens and max_completion_tokens exclude each other: send one of them");
  if (EMBEDS && body.messages === undefined && body.input !== undefined)
    return { path: "/v1/embeddings", body: { model, ...body } };
  if (body.messages === undefined) throw refused("messages is missing: say what the model is asked");
  const tokens = body.max_tokens === 0 ? { max_tokens: MAX_TOKENS_OF_ZERO } : {};
  return { path: "/v1/chat/completions", body: { model, ...body, ...tokens } };
}

function notAsked(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const { message, hint, forGood } = error;
  return forGood ? notEnabled(`${message}: ${hint}`) : modelFailed(`${message}: ${hint}`);
}

async function complaintOf({ body }: ModelAnswer): Promise<string> {
  let said = "";
  for await (const part of body) {
    said += String(part);
    if (said.length >= COMPLAINT_MOST) break;
  }
  return said.slice(0, COMPLAINT_MOST);
}

export const invokeModelService = operation({
  id: "InvokeModelService",
  method: "POST",
  path: "/v1/workspaces/{workspace_id}/services/instances/{instance_id}/invocations",
  summary: "Asks a deployed model, and answers as it does",
  action: INVOKE_ACTION,
  success: 200,
  params: Type.Object({ workspace_id: Id, instance_id: Id }),
  body: Body,
  async handle({ params, body, caller }, { lifecycle, drivers }) {
    const found = await readInside(lifecycle, caller.tenant, params.workspace_id, INSTANCE, params.instance_id);
    if (!SERVING.includes(found.state)) throw new WrongState(INSTANCE, found.id, "invoke", found.state, SERVING);
    const question = { ...questionOf(body, specOf(found).source.version_id), signal: caller.signal };
    const answer = await drivers.inference.ask(refOf(found, REPLICAS), question).catch((error: unknown) => {
      throw notAsked(error);
    });
    if (answer.status < 400) return { body: answer.body, headers: { "content-type": answer.contentType } };
    const said = `the model answered ${answer.status}: ${await complaintOf(answer)}`;
    throw answer.status < 500 ? refused(said) : modelFailed(said);
  },
});
