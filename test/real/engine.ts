import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import Docker from "dockerode";
import { run } from "./run-command.ts";
import { until } from "./until.ts";

/** How long the engine takes to come at most, also after a kill, when it clears up what it left (real ms). */
const READY_MS = 60_000;

/** The folder of the engine that `run.ts` has started for the tests, and the image in it. */
export const ENGINE_FOLDER = process.env.EBB_TEST_ENGINE ?? "";
export const IS_PODMAN = basename(ENGINE_FOLDER) === "podman";
/** On a bridge the engine leaves its interface and its rules of the firewall behind: that is for machines of no other use. */
export const NETWORK = process.env.EBB_TEST_NETWORK === "bridge" ? "bridge" : "host";
const NETWORK_FLAGS = {
  host: ["--bridge", "none", "--iptables=false", "--ip6tables=false"],
  bridge: ["--bip", "172.31.250.1/24"],
};
export const IMAGE = "ebb-real:latest";

export const socketOf = (folder: string): string => join(folder, "docker.sock");
export const dockerOf = (folder: string): Docker => new Docker({ socketPath: socketOf(folder) });

/** A start right after a crash may fail on what is left of the one before; a service manager would start it again, too. */
const STARTS = 3;

/** Starts a dockerd of its own, as root and without systemd; `more` are flags of a test's. */
export async function startEngine(folder: string, more: string[] = []): Promise<void> {
  for (let start = 1; ; start++) {
    const child = await spawnEngine(folder, more);
    const came = await until("the engine answers or ends", () => answers(folder, child), READY_MS);
    if (came) return;
    if (start === STARTS)
      throw new Error(`dockerd has ended: ${readFileSync(join(folder, "log"), "utf8").slice(-2_000)}`);
  }
}

async function spawnEngine(folder: string, more: string[]): Promise<ChildProcess> {
  const at = (name: string) => join(folder, name);
  const flags = ["--data-root", at("data"), "--exec-root", at("exec"), "-H", `unix://${socketOf(folder)}`];
  return spawnApart("dockerd", [...flags, "--pidfile", at("pid"), ...NETWORK_FLAGS[NETWORK], ...more], at("log"));
}

/** A process that is not ended with this one, nor by its terminal; what it says goes into `file`. */
export async function spawnApart(
  command: string,
  args: string[],
  file: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ChildProcess> {
  const log = openSync(file, "a");
  const child = spawn(command, args, { stdio: ["ignore", log, log], detached: true, env });
  closeSync(log);
  await once(child, "spawn");
  child.unref();
  return child;
}

/** Whether it answers; undefined while it does neither that nor ends. */
async function answers(folder: string, child: ChildProcess): Promise<boolean | undefined> {
  if (child.exitCode !== null) return false;
  return (await isUp(folder)) || undefined;
}

export const isUp = (folder: string): Promise<boolean> =>
  dockerOf(folder)
    .ping()
    .then(() => true)
    .catch(() => false);

/** Ends it, by the id that it wrote down. With SIGKILL its containers stay behind without it, as after a crash. */
export async function endEngine(folder: string, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
  const files = ["pid", "exec/containerd/containerd.pid"].map((name) => join(folder, name));
  const pids = files.map(readPid);
  const [engine] = pids;
  if (engine !== undefined && isRunning(engine)) process.kill(engine, signal);
  const ended = async () => (pids.some((pid) => pid !== undefined && isRunning(pid)) ? undefined : true);
  await until("the engine ends", ended, READY_MS);
  // The next one would take a zombie for an engine that runs, and wait for its answer.
  for (const file of files) rmSync(file, { force: true });
}

const readPid = (file: string): number | undefined =>
  existsSync(file) ? Number(readFileSync(file, "utf8")) || undefined : undefined;

/** What the engine has left mounted in its folder, so that this can be removed. */
export async function unmountAll(folder: string): Promise<void> {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const inside = mounts.map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(`${folder}/`));
  for (const path of inside.toReversed()) await run("umount", [path]);
}

/** A killed process may stay as a zombie for a while, which is none that runs. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
