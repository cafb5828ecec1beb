import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal } from "../port.ts";
import { troubleOf } from "./trouble.ts";

test("an engine that is down is trouble that may pass, and is told in clear words", () => {
  const trouble = troubleOf(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }), "/run/d.sock");
  assert.ok(!(trouble instanceof Refusal));
  assert.match(trouble.message, /does not answer at \/run\/d\.sock \(ECONNREFUSED\): start it/);
});

test("what the engine cannot do it refuses for good, anything else may pass", () => {
  const bad = troubleOf({ statusCode: 400, json: { message: "range of CPUs is from 0.01 to 2.00" } }, "/s");
  assert.ok(bad instanceof Refusal && bad.forGood);
  assert.match(bad.message, /range of CPUs/);
  assert.ok(!(troubleOf({ statusCode: 500, json: { message: "busy" } }, "/s") instanceof Refusal));
});
