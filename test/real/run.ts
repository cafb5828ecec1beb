import type { ChildProcess } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { endEngine, isUp, startEngine, unmountAll } from "./engine.ts";
import { importImage, rootArchive } from "./image.ts";
import { endPodman, startPodman } from "./podman.ts";
import { NONINTERACTIVE, run } from "./run-command.ts";

/**
 * `npm run test:real`: the drivers against real things. Installs what is needed from Debian's packages, makes an image,
 * starts container engines of its own in a temporary folder, runs the tests, and leaves nothing but the image's archive
 * in the user's cache. Needs Linux and root; where a part cannot run, it fails.
 */
const PARTS = {
  dockerd: "docker.io",
  podman: "podman",
  debootstrap: "debootstrap",
  iptables: "iptables",
  redfishtool: "redfishtool",
};
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

/** What Podman is held against, too: the same tests. */
const ON_PODMAN = ["doctor", "notebook-life", "databases"].map((name) => `test/real/containers/${name}.test.ts`);

async function testAll(engine: string, files: string[]): Promise<void> {
  // One after the other: each looks at everything that the engine has.
  const flags = ["--test", "--test-reporter=spec", "--test-timeout=600000", "--test-concurrency=1"];
  await run(process.execPath, [...flags, ...files], { EBB_TEST_ENGINE: engine }, { seen: true });
}

const folder = mkdtempSync(join(tmpdir(), "ebb-real-"));
const docker = join(folder, "docker");
const podman = join(folder, "podman");
let podmanProcess: ChildProcess | undefined;

async function dockerUp(archive: string): Promise<void> {
  mkdirSync(docker);
  await startEngine(docker);
  await importImage(docker, archive);
}

async function podmanUp(archive: string): Promise<void> {
  podmanProcess = await startPodman(podman);
  await importImage(podman, archive);
}

async function down(): Promise<void> {
  // One that a test has killed and not brought back comes once more: it ends what it has left behind.
  if (existsSync(join(docker, "data")) && !(await isUp(docker))) await startEngine(docker);
  await endEngine(docker);
  if (podmanProcess) await endPodman(podman, podmanProcess);
  await unmountAll(folder);
  rmSync(folder, { recursive: true, force: true });
}

try {
  await install();
  process.env.PATH = PLACES.join(delimiter);
  const asked = process.argv.slice(2);
  const files = asked.length > 0 ? asked : globSync("test/real/**/*.test.ts").toSorted();
  if (files.length === 0) throw new Error("no test was found");
  const again = files.filter((file) => ON_PODMAN.includes(file));
  const archive = await rootArchive(folder);
  // Side by side: an image takes each of them half a minute.
  const engines = [dockerUp(archive), ...(again.length > 0 ? [podmanUp(archive)] : [])];
  await Promise.allSettled(engines);
  await Promise.all(engines);
  await testAll(docker, files);
  if (again.length > 0) await testAll(podman, again);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await down();
}
