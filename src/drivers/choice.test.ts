import assert from "node:assert/strict";
import { test } from "node:test";
import { readChoice } from "./choice.ts";

test("every domain is simulated unless another driver is named", () => {
  const all = { servers: "simulated", notebooks: "simulated", databases: "simulated", inference: "simulated" };
  assert.deepEqual(readChoice({}), all);
  assert.deepEqual(readChoice({ notebooks: "simulated", simulated: {} }), all);
});

test("a domain or driver that there is not is refused with what there is", () => {
  assert.throws(() => readChoice({ notebook: "simulated" }), /drivers\.notebook.*servers, notebooks/s);
  assert.throws(() => readChoice({ notebooks: "clouds" }), /drivers\.notebooks.*simulated/s);
  assert.throws(() => readChoice({ notebooks: ["simulated"] }), /drivers\.notebooks/);
});
