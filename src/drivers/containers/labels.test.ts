import assert from "node:assert/strict";
import { test } from "node:test";
import { filterOf, isOurs, labelOf, labelsOf, markedBy, nameOf } from "./labels.ts";

const stamp = { tenant: "one", kind: "toy", resourceId: "r", incarnation: "i", operationId: "o", fence: 7 };
const thing = { mark: "ebb", domain: "notebooks", type: "volume", ref: "volume-r-i" } as const;

test("a thing carries whose it is, and what its type has to find again", () => {
  const labels = labelsOf(thing, stamp, { port: "20001" });
  assert.deepEqual(labels, {
    "ebb.mark": "ebb",
    "ebb.domain": "notebooks",
    "ebb.type": "volume",
    "ebb.ref": "volume-r-i",
    "ebb.kind": "toy",
    "ebb.resource": "r",
    "ebb.tenant": "one",
    "ebb.incarnation": "i",
    "ebb.operation": "o",
    "ebb.fence": "7",
    "ebb.port": "20001",
  });
  assert.equal(labelOf(labels, "port"), "20001");
  assert.equal(labelOf(undefined, "port"), undefined);
});

test("what has the name but another mark or ref is somebody else's", () => {
  const labels = labelsOf(thing, stamp);
  assert.equal(nameOf("ebb", thing.ref), "ebb-volume-r-i");
  assert.ok(isOurs(labels, "ebb", thing.ref));
  assert.ok(!isOurs(labels, "other", thing.ref));
  assert.ok(!isOurs(labels, "ebb", "volume-r-j"));
  assert.ok(!isOurs(undefined, "ebb", thing.ref));
});

test("what is a container and a volume is listed once, what is not Ebb's not at all", () => {
  const node = labelsOf({ ...thing, type: "node", ref: "a" }, stamp);
  assert.deepEqual(markedBy([labelsOf(thing, stamp), node, node, { maintainer: "x" }, undefined]), [
    { ref: "a", type: "node" },
    { ref: "volume-r-i", type: "volume" },
  ]);
});

test("a list is filtered by mark, domain and labels", () => {
  assert.deepEqual(filterOf("ebb", "databases", { cluster: "c" }), [
    "ebb.mark=ebb",
    "ebb.domain=databases",
    "ebb.cluster=c",
  ]);
  assert.deepEqual(filterOf("ebb"), ["ebb.mark=ebb"]);
});
