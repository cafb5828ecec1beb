import assert from "node:assert/strict";
import { test } from "node:test";
import { limitsOf, readSettings } from "./settings.ts";

test("everything has a default, and what is set takes its place alone", () => {
  const settings = readSettings({ images: { proxy: "mine:1" }, database: { password: "other" } }, "/data");
  assert.equal(settings.socket, "/var/run/docker.sock");
  assert.equal(settings.buckets, "/data/buckets");
  assert.equal(settings.images.proxy, "mine:1");
  assert.match(settings.images.notebook, /jupyter/);
  assert.deepEqual(settings.database, { user: "root", password: "other", arguments: [] });
});

test("a flavor has its own limits, or those of all others", () => {
  const settings = readSettings({ limits: { large: { cpus: 4, memory_mb: 8192 } } }, "/data");
  assert.deepEqual(limitsOf(settings, "large"), { cpus: 4, memory_mb: 8192 });
  assert.deepEqual(limitsOf(settings, "small"), { cpus: 1, memory_mb: 2048 });
});

test("what is wrong is named, a secret not shown", () => {
  assert.throws(() => readSettings({ sockets: "/x" }, "/data"), /drivers\.containers\.sockets.*nothing of this name/);
  assert.throws(() => readSettings({ network: "vpn" }, "/data"), /drivers\.containers\.network.*bridge, host/);
  assert.throws(() => readSettings({ images: { notebook: 3 } }, "/data"), /drivers\.containers\.images\.notebook/);
  assert.throws(() => readSettings({ database: { password: 4711 } }, "/data"), /password \(ebb\.yaml\) is \*\*\*/);
});
