import assert from "node:assert/strict";
import { test } from "node:test";
import { filled } from "./inference.ts";

test("a model's command is filled in with where to listen and what to serve", () => {
  const place = { address: "127.0.0.1", port: 20_001 };
  assert.deepEqual(filled(["--host", "{host}", "--port={port}", "/models/{model}.gguf"], place, "toy"), [
    "--host",
    "127.0.0.1",
    "--port=20001",
    "/models/toy.gguf",
  ]);
});
