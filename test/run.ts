import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * `npm test`: types, lint, format, every test on SQLite, then those that use a store again on PostgreSQL, as far as they
 * are of a room that speaks to the store in SQL. `npm run test:rest`: the others that use a store, on PostgreSQL. The
 * first that fails ends it. Nothing but npm's packages is needed.
 */
const ROOT = dirname(import.meta.dirname);
/** Rooms that only ask what stands below them: which store that has is seldom news to their tests. */
const ABOVE = /^(src\/(cli|gateway|operator|services|testing|wire)|test\/(gateway|seeds|tenancy))\//;
const STORE_RIG = join(ROOT, "test/store.ts");
const NODE_TEST = ["--test", "--test-reporter=spec", "--test-timeout=300000"];
/** Tests wait for disks and sockets, so that one process more than there are processors keeps them busy. */
const LANES = availableParallelism() + 1;
/** More than one, so that no lane waits long for the last of another. */
const BUNDLES_A_LANE = 3;
const MEMORY = "/dev/shm";
const MEMORY_LEAST = 2 * 2 ** 30;
/** A hook outside of any suite, a mocked timer, a changed environment: each would reach the tests of other files. */
const CLAIMS_PROCESS = /^(before|after|beforeEach|afterEach)\(|mock\.timers|process\.env\.\w+ = /m;

function main(): void {
  const files = globSync(["src/**/*.test.ts", "test/**/*.test.ts"], {
    cwd: ROOT,
    exclude: ["test/clients/**", "test/real/**"],
  }).toSorted();
  const storeFiles = files.filter((file) => usesStore(join(ROOT, file)));
  const above = storeFiles.filter((file) => ABOVE.test(file));
  if (above.length === 0 || above.length === storeFiles.length) fail("no test was found", 1);
  const onPostgres = (some: string[]) =>
    runTests(some, { EBB_TEST_STORE: "postgres" }, [`--test-global-setup=${join(ROOT, "test/postgres.ts")}`]);
  if (process.argv.includes("--rest")) return onPostgres(above);

  run("tsc", ["--noEmit"]);
  run("oxlint", ["--type-aware", "--deny-warnings", "--ignore-pattern=node_modules"]);
  run("biome", ["check", "."]);
  runTests(files, { EBB_TEST_STORE: "sqlite", ...inMemory() });
  onPostgres(storeFiles.filter((file) => !above.includes(file)));
}

/** Half of a test's time is its embedded store's wait for the disk: where there is memory to spare, files stand in it. */
function inMemory(): NodeJS.ProcessEnv {
  if (!existsSync(MEMORY)) return {};
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= MEMORY_LEAST ? { TMPDIR: MEMORY } : {};
}

/** Real processes are timed in test/kill: they have the machine to themselves, after the others. */
function runTests(files: string[], env: NodeJS.ProcessEnv, flags: string[] = []): void {
  const timed = files.filter((file) => file.startsWith("test/kill/"));
  const others = files.filter((file) => !timed.includes(file));
  const concurrency = `--test-concurrency=${LANES}`;
  const folder = mkdtempSync(join(tmpdir(), "ebb-tests-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  run("node", [...NODE_TEST, concurrency, ...flags, ...inBundles(others, folder)], env);
  if (timed.length > 0) run("node", [...NODE_TEST, concurrency, ...flags, ...timed], env);
}

/** Loading Ebb takes longer than most files of tests: those that leave their process as it was share one with others. */
function inBundles(files: readonly string[], folder: string): string[] {
  const together = files.filter((file) => !CLAIMS_PROCESS.test(readFileSync(join(ROOT, file), "utf8")));
  const alone = files.filter((file) => !together.includes(file));
  const count = Math.min(together.length, LANES * BUNDLES_A_LANE);
  const bundles = Array.from({ length: count }, (_, index) => {
    const imports = together.filter((_file, at) => at % count === index).map((file) => pathToFileURL(join(ROOT, file)));
    const bundle = join(folder, `${index}.test.mjs`);
    writeFileSync(bundle, imports.map((url) => `import ${JSON.stringify(url.href)};\n`).join(""));
    return bundle;
  });
  return [...bundles, ...alone];
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
  const shownArgs = args.filter((arg) => !/\.test\.m?[jt]s$/.test(arg));
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
