import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { configOf, DRAINING, proxyCommand, scaled } from "./haproxy.ts";

const member = (id: string, role: string, port: number) => ({
  id,
  role,
  name: `ebb-node-${id}`,
  inside: { address: "127.64.0.1", port },
});
const members = [member("a", "master", 1), member("b", "slave", 2), member("c", "slave", 3)];
const proxy = { listen: { address: "127.0.0.1", port: 20_001 }, members, drainSeconds: 30 };
const serversOf = (config: string) => config.split("\n").filter((line) => line.startsWith("  server "));

test("what only reads is spread by the weights, and a node without one is not in it", () => {
  const config = configOf({ ...proxy, weights: { b: 100, c: 0 }, readonly: true });
  assert.deepEqual(serversOf(config), [
    "  server ebb-node-b 127.64.0.1:2 check weight 100",
    "  server ebb-node-c 127.64.0.1:3 check weight 0",
  ]);
  assert.match(config, /bind 127\.0\.0\.1:20001/);
  assert.match(config, /hard-stop-after 30s/);
});

test("what may write goes to the primary alone", () => {
  const config = configOf({ ...proxy, weights: { a: 1, b: 100 }, readonly: false });
  assert.deepEqual(serversOf(config), ["  server ebb-node-a 127.64.0.1:1 check weight 1"]);
});

test("weights keep their proportions inside the bounds, and none is lost", () => {
  assert.deepEqual([scaled(1000, 1000), scaled(500, 1000), scaled(1, 1000), scaled(0, 1000)], [256, 128, 1, 0]);
  assert.equal(scaled(100, 200), 100);
});

test("a proxy that drains and was killed ends when the engine starts it again", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "ebb-haproxy-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "haproxy"), "#!/bin/sh\necho serves\n", { mode: 0o755 });
  const { Entrypoint, Env } = proxyCommand({ ...proxy, weights: {}, readonly: false });
  const [shell = "", ...script] = Entrypoint.map((word) => word.replaceAll("/tmp/", `${folder}/`));
  const env = { PATH: `${folder}:${process.env.PATH}`, EBB_CONFIG: String(Env[0]) };
  assert.equal(execFileSync(shell, script, { env, encoding: "utf8" }), "serves\n");
  writeFileSync(DRAINING.replace("/tmp/", `${folder}/`), "");
  assert.equal(execFileSync(shell, script, { env, encoding: "utf8" }), "");
});
