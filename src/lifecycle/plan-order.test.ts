import assert from "node:assert/strict";
import { test } from "node:test";
import { type Edge, stagesOf } from "./plan-order.ts";

const edge = (before: string, after: string, firm = true): Edge => ({ before, after, firm });

test("what depends on nothing goes first, and as much as can goes together", () => {
  const edges = [edge("a", "c"), edge("b", "c"), edge("c", "e"), edge("d", "e")];
  assert.deepEqual(stagesOf(["e", "d", "c", "b", "a"], edges), [["d", "b", "a"], ["c"], ["e"]]);
  assert.deepEqual(stagesOf([], []), []);
  assert.deepEqual(stagesOf(["a"], [edge("a", "a")]), [["a"]]);
});

test("an edge that is not firm gives way in a ring, and holds elsewhere", () => {
  const edges = [edge("child", "parent"), edge("parent", "child", false), edge("user", "child", false)];
  assert.deepEqual(stagesOf(["parent", "child", "user"], edges), [["user"], ["child"], ["parent"]]);
});

test("firm edges in a ring are a bug", () => {
  assert.throws(() => stagesOf(["a", "b"], [edge("a", "b"), edge("b", "a")]), /ring: a, b/);
});
