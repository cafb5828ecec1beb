// A server of a real model in the words of OpenAI's API; run inside the tests' image: HOST PORT FILE.
import http from "node:http";
import { text } from "node:stream/consumers";

/** Where the image has it. */
const LIBRARY = "/opt/llama/node_modules/node-llama-cpp/dist/index.js";
const { getLlama, LlamaChatSession } = await import(LIBRARY);

const [, , host, port, modelPath] = process.argv;
/** The model has seen no longer texts than this. */
const contextSize = 64;
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
const model = await llama.loadModel({ modelPath });

const part = (delta, finish_reason) => `data: ${JSON.stringify({ choices: [{ delta, finish_reason }] })}\n\n`;

async function chat({ messages, stream, max_tokens: maxTokens = 32, temperature = 0 }, response) {
  const context = await model.createContext({ contextSize });
  try {
    const session = new LlamaChatSession({ contextSequence: context.getSequence() });
    const onTextChunk = stream ? (content) => response.write(part({ content }, null)) : undefined;
    if (stream) response.writeHead(200, { "content-type": "text/event-stream" });
    const content = await session.prompt(messages.at(-1).content, { maxTokens, temperature, onTextChunk });
    if (stream) return response.end(`${part({}, "stop")}data: [DONE]\n\n`);
    say(response, 200, { choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] });
  } finally {
    await context.dispose();
  }
}

async function embed({ input }, response) {
  const context = await model.createEmbeddingContext({ contextSize });
  const { vector } = await context.getEmbeddingFor(input);
  await context.dispose();
  say(response, 200, { object: "list", data: [{ index: 0, embedding: vector }] });
}

function say(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

const routes = { "/v1/chat/completions": chat, "/v1/embeddings": embed };
async function answer(request, response) {
  if (request.url === "/health") return say(response, 200, { status: "ok" });
  const route = routes[request.url];
  if (!route) return say(response, 404, { error: { message: `there is no ${request.url}` } });
  await route(JSON.parse(await text(request)), response);
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => say(response, 400, { error: { message: error.message } }));
});
process.on("SIGTERM", () => process.exit(0));
server.listen(Number(port), host);
