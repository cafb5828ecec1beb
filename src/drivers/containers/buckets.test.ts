import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Refusal } from "../port.ts";
import { bucketFolder } from "./buckets.ts";

test("a path in a bucket is a folder below the tenant's own, and no other", (t) => {
  const home = mkdtempSync(join(tmpdir(), "ebb-buckets-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const buckets = join(home, "buckets");
  const folder = bucketFolder(buckets, "one", "/bucket/a/");
  assert.equal(folder, join(buckets, "one/bucket/a"));
  assert.ok(existsSync(folder));
  assert.equal(bucketFolder(buckets, "one", "bucket/a"), folder);
  for (const path of ["", "/", "/bucket/../../two", "..", "/bucket/\0"])
    assert.throws(() => bucketFolder(buckets, "one", path), Refusal, path);
  assert.throws(() => bucketFolder(buckets, "../one", "/bucket"), Refusal);
  symlinkSync(home, join(folder, "out"));
  assert.throws(() => bucketFolder(buckets, "one", "/bucket/a/out/deep"), Refusal);
  assert.ok(!existsSync(join(home, "deep")));
});
