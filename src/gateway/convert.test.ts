import assert from "node:assert/strict";
import { test } from "node:test";
import { Type } from "typebox";
import { fromText } from "./convert.ts";

const schema = Type.Object({
  limit: Type.Optional(Type.Integer()),
  ratio: Type.Optional(Type.Number()),
  all: Type.Optional(Type.Boolean()),
  name: Type.Optional(Type.String()),
  ids: Type.Optional(Type.Array(Type.String())),
});

test("text becomes what its field is", () => {
  const fields = { limit: "10", ratio: "0.5", all: "true", name: "10", ids: "a", other: "1" };
  assert.deepEqual(fromText(schema, fields), { limit: 10, ratio: 0.5, all: true, name: "10", ids: ["a"], other: "1" });
  assert.deepEqual(fromText(schema, { ids: ["a", "b"], all: "false", limit: "-3" }), {
    ids: ["a", "b"],
    all: false,
    limit: -3,
  });
});

test("text that is not exactly of the type stays text, for the check to refuse", () => {
  for (const limit of ["1.5", "", " 1", "1e3", "0x10", "ten", "9".repeat(16)])
    assert.deepEqual(fromText(schema, { limit }), { limit });
  assert.deepEqual(fromText(schema, { all: "yes", ratio: "." }), { all: "yes", ratio: "." });
});
