import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../src", import.meta.url));

/** Highest first. A room imports itself and what stands below it. */
const ROOMS = [
  "cli",
  "testing",
  "server",
  "gateway",
  "iam",
  "services",
  "operator",
  "wire",
  "lifecycle",
  "faults",
  "drivers",
  "store",
  "settings",
  "log",
  "ids",
  "clock",
];
/** Words that belong to the services; these rooms may not say them. */
const SERVICE_WORDS = /fabric|clouddc|modelarts|devenviron|taurus|gaussdb|imetal|huawei/i;
const NAMES_NO_SERVICE = ["lifecycle", "faults", "store", "drivers", "clock", "ids", "log"];

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ path: join(SRC, name), name, text: readFileSync(join(SRC, name), "utf8") }));
const product = files.filter(({ name }) => !/\.test\.ts$|-testing\.ts$|-vectors\.ts$/.test(name));

const roomOf = (path: string) => (relative(SRC, path).split("/")[0] ?? "").replace(/\.ts$/, "");

function importsOf({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) =>
    resolve(dirname(path), match[1] ?? ""),
  );
}

test("every file stands in a room of the plan", () => {
  for (const { path, name } of files)
    assert.ok(ROOMS.includes(roomOf(path.replace(/\.test\.ts$/, ".ts"))), `${name} stands in no room`);
});

test("imports run downward only", () => {
  const upward: string[] = [];
  for (const file of product) {
    const from = ROOMS.indexOf(roomOf(file.path));
    for (const target of importsOf(file)) {
      if (ROOMS.indexOf(roomOf(target)) < from) upward.push(`${file.name} imports ${relative(SRC, target)}`);
    }
  }
  assert.deepEqual(upward, []);
});

test("a service imports no other service", () => {
  const across: string[] = [];
  for (const file of product) {
    const [room, service] = file.name.split("/");
    if (room !== "services" || service === "index.ts") continue;
    for (const target of importsOf(file)) {
      const [targetRoom, other] = relative(SRC, target).split("/");
      if (targetRoom === "services" && other !== service) across.push(`${file.name} imports ${relative(SRC, target)}`);
    }
  }
  assert.deepEqual(across, []);
});

test("the kernel, the faults, the store and the drivers name no service", () => {
  const named: string[] = [];
  for (const { name, path, text } of product) {
    if (!NAMES_NO_SERVICE.includes(roomOf(path))) continue;
    text.split("\n").forEach((line, index) => {
      if (SERVICE_WORDS.test(line)) named.push(`${name}:${index + 1} ${line.trim()}`);
    });
  }
  assert.deepEqual(named, []);
});

/** Speaks HTTP to machines and to served models: that is how they are driven. */
const SPEAKS_HTTP = /^drivers\/(redfish\/|containers\/questions\.ts)/;

test("the kernel, the faults and the drivers speak no HTTP, but with machines that know nothing else", () => {
  for (const { name, path, text } of product) {
    if (["lifecycle", "faults", "drivers", "store"].includes(roomOf(path)) && !SPEAKS_HTTP.test(name))
      assert.doesNotMatch(text, /from "(node:http|fastify)"/, name);
  }
});

test("files stay small: half of them near 100 lines, none past 350", () => {
  const lengths = product.map(({ text }) => text.split("\n").length).toSorted((a, b) => a - b);
  assert.ok(
    (lengths[Math.floor(lengths.length / 2)] ?? 0) <= 120,
    `the median is ${lengths[Math.floor(lengths.length / 2)]}`,
  );
  for (const { name, text } of product)
    assert.ok(text.split("\n").length <= 350, `${name} has ${text.split("\n").length} lines`);
});

test("no address of a package registry and no path of a machine stands in the lock file", () => {
  const lock = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  assert.doesNotMatch(lock, /"resolved": "https?:/);
});
