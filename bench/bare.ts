import Fastify from "fastify";

/** The least that a JSON route can be: what Ebb's polls are measured against. */
const app = Fastify({ logger: false });
app.get("/v1/:project_id/instances/:id/status", () => ({ state: "running", operation_state: "install-succeed" }));
console.log(`bare ready on ${await app.listen({ host: "127.0.0.1", port: 0 })}`);
process.once("SIGTERM", () => void app.close());
