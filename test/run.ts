import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

/**
 * `npm test`: types, lint, format, every test on SQLite, then the tests that use a store again on PostgreSQL. The first
 * that fails ends it. Nothing but npm's packages is needed.
 */
const ROOT = dirname(import.meta.dirname);
const STORE_RIG = join(ROOT, "test/store.ts");
const NODE_TEST = [
  "--test",
  "--test-reporter=spec",
  "--test-timeout=300000",
  `--test-concurrency=${availableParallelism() + 1}`,
];

function main(): void {
  const files = globSync(["src/**/*.test.ts", "test/**/*.test.ts"], {
    cwd: ROOT,
    exclude: ["test/clients/**"],
  }).toSorted();
  const storeFiles = files.filter((file) => usesStore(join(ROOT, file)));
  if (files.length === 0 || storeFiles.length === 0) fail("no test was found", 1);

  run("tsc", ["--noEmit"]);
  run("oxlint", ["--type-aware", "--deny-warnings", "--ignore-pattern=node_modules"]);
  run("biome", ["check", "."]);
  runTests(files, { EBB_TEST_STORE: "sqlite" });
  runTests(storeFiles, { EBB_TEST_STORE: "postgres" }, [`--test-global-setup=${join(ROOT, "test/postgres.ts")}`]);
}

/** Real processes are timed in test/kill: they have the machine to themselves, after the others. */
function runTests(files: string[], env: NodeJS.ProcessEnv, flags: string[] = []): void {
  const timed = files.filter((file) => file.startsWith("test/kill/"));
  const others = files.filter((file) => !timed.includes(file));
  run("node", [...NODE_TEST, ...flags, ...others], env);
  run("node", [...NODE_TEST, ...flags, ...timed], env);
}

/** Whether a test file gets its store from the rig, directly or through what it imports. */
function usesStore(file: string, seen = new Set<string>()): boolean {
  if (file === STORE_RIG) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  const imports = readFileSync(file, "utf8").matchAll(/\bfrom\s+"(\.[^"]+\.ts)"/g);
  return [...imports].map(([, path = ""]) => resolve(dirname(file), path)).some((path) => usesStore(path, seen));
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): void {
  const shownEnv = Object.entries(env).map(([name, value]) => `${name}=${value} `);
  const shownArgs = args.filter((arg) => !arg.endsWith(".test.ts"));
  console.log(`\n> ${shownEnv.join("")}${command} ${shownArgs.join(" ")}`);
  const path = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const { status, signal, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: "inherit",
    // What Node makes of a source file is kept: each test file is a process that would make it anew.
    env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/node"), ...env, PATH: path },
  });
  // node --test has said what failed, and its summary stays the last thing on the screen.
  if (command === "node" && status !== null && status > 0) process.exit(status);
  if (status !== 0) fail(`${command} failed: ${error?.message ?? signal ?? `exit code ${status}`}`, status ?? 1);
}

function fail(reason: string, code: number): never {
  console.error(`\n${reason}`);
  process.exit(code);
}

main();
