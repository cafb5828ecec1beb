import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { run } from "./run-command.ts";
import { until } from "./until.ts";

/** How long the engine takes to come at most, also after a kill, when it clears up what it left (real ms). */
const READY_MS = 60_000;

/** The folder of the engine that `run.ts` has started for the tests, and the image in it. */
export const ENGINE_FOLDER = process.env.REAL_ENGINE ?? "";
export const IMAGE = "ebb-real:latest";

export const socketOf = (folder: string): string => join(folder, "docker.sock");
export const dockerOf = (folder: string): Docker => new Docker({ socketPath: socketOf(folder) });

/** Starts a dockerd of its own, as root and without systemd: on the host's network, so that nothing of the machine changes. */
export async function startEngine(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  const flags = ["--data-root", at("data"), "--exec-root", at("exec"), "-H", `unix://${socketOf(folder)}`];
  const network = ["--bridge", "none", "--iptables=false", "--ip6tables=false"];
  const log = openSync(at("log"), "a");
  const child = spawn("dockerd", [...flags, "--pidfile", at("pid"), ...network], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  await once(child, "spawn");
  child.unref();
  await until("the engine answers", () => answers(folder, child), READY_MS);
}

async function answers(folder: string, child: ChildProcess): Promise<true | undefined> {
  if (child.exitCode !== null)
    throw new Error(`dockerd ended with ${child.exitCode}: ${readFileSync(join(folder, "log"), "utf8").slice(-2_000)}`);
  return dockerOf(folder)
    .ping()
    .then(() => true as const)
    .catch(() => undefined);
}

/** Ends it, by the id that it wrote down. With SIGKILL its containers stay behind without it, as after a crash. */
export async function endEngine(folder: string, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
  const file = join(folder, "pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8"));
  if (!isRunning(pid)) return;
  process.kill(pid, signal);
  await until("the engine ends", async () => (isRunning(pid) ? undefined : true), READY_MS);
}

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
