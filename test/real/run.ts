import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { endEngine, isUp, startEngine, unmountAll } from "./engine.ts";
import { importImage, rootArchive } from "./image.ts";
import { NONINTERACTIVE, run } from "./run-command.ts";

/**
 * `npm run test:real`: the drivers against real things. Installs what is needed from Debian's packages, makes an image,
 * starts a container engine of its own in a temporary folder, runs the tests, and leaves nothing but the image's archive
 * in the user's cache. Needs Linux and root; where a part cannot run, it fails.
 */
const PARTS = { dockerd: "docker.io", debootstrap: "debootstrap", iptables: "iptables", redfishtool: "redfishtool" };
const PLACES = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];

async function install(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("test:real starts a container engine: run it as root");
  const missing = Object.entries(PARTS).filter(
    ([name]) => globSync(PLACES.map((place) => join(place, name))).length === 0,
  );
  if (missing.length === 0) return;
  await run("apt-get", ["update", "-q"]);
  const names = missing.map(([, name]) => name);
  await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...names], NONINTERACTIVE);
}

async function testAll(folder: string, asked: string[]): Promise<void> {
  const files = asked.length > 0 ? asked : globSync("test/real/**/*.test.ts").toSorted();
  if (files.length === 0) throw new Error("no test was found");
  // One after the other: each looks at everything that the engine has.
  const flags = ["--test", "--test-reporter=spec", "--test-timeout=600000", "--test-concurrency=1"];
  await run(process.execPath, [...flags, ...files], { EBB_TEST_ENGINE: folder }, { seen: true });
}

const folder = mkdtempSync(join(tmpdir(), "ebb-real-"));
try {
  await install();
  process.env.PATH = PLACES.join(delimiter);
  const archive = await rootArchive(folder);
  await startEngine(folder);
  await importImage(folder, archive);
  await testAll(folder, process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  // One that a test has killed and not brought back comes once more: it ends what it has left behind.
  if (existsSync(join(folder, "data")) && !(await isUp(folder))) await startEngine(folder);
  await endEngine(folder);
  await unmountAll(folder);
  rmSync(folder, { recursive: true, force: true });
}
