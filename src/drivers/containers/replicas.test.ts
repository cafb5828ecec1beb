import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../port.ts";
import { filled, pathOf, together } from "./replicas.ts";

test("a model's command is filled in with where to listen and what to serve", () => {
  const values = { host: "127.0.0.1", port: "20001", path: "b/toy.gguf" };
  assert.deepEqual(filled(["--host", "{host}", "--port={port}", "/models/{path}", "{other}"], values), [
    "--host",
    "127.0.0.1",
    "--port=20001",
    "/models/b/toy.gguf",
    "{other}",
  ]);
});

test("a model's path in object storage is a path in the folder of models, and leads nowhere else", () => {
  assert.equal(pathOf({ model: "m", path: "obs://b/w/toy.gguf" }), "b/w/toy.gguf");
  assert.equal(pathOf({ model: "m", path: "/b/toy.gguf" }), "b/toy.gguf");
  assert.equal(pathOf({ model: "m", path: "" }), "m");
  assert.throws(() => pathOf({ model: "m", path: "obs://b/../../etc" }), /leaves its bucket/);
});

test("replicas are ready when all that are kept are, and pushed on when some are missing", () => {
  const ready: Look<object> = { is: "ready", facts: {} };
  const making: Look<object> = { is: "making", again: 500 };
  const broken: Look<object> = { is: "broken", reason: "no", owner: "o", hint: "h" };
  assert.deepEqual(together([ready, ready], 2), ready);
  assert.deepEqual(together([ready, making], 2), making);
  assert.deepEqual(together([making, broken], 2), broken);
  assert.deepEqual(together([ready], 2), { is: "making", again: 500, pushed: true });
  assert.deepEqual(together([], 1), { is: "making", again: 500, pushed: true });
});
