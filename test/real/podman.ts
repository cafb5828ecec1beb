import type { ChildProcess } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isUp, socketOf, spawnApart } from "./engine.ts";
import { until } from "./until.ts";

const READY_MS = 60_000;

/**
 * Everything in its folder. Its own limits are above what a machine without CAP_SYS_RESOURCE may set, and by itself what
 * watched a command in a container stays for 5 minutes after that.
 */
const configOf = (folder: string) => `
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_config_dir = "${folder}/networks"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
exit_command_delay = 5
image_copy_tmp_dir = "${folder}/copies"
lock_type = "file"
runtime = "runc"
`;

/** Starts a Podman that answers as Docker does, as root and without systemd. */
export async function startPodman(folder: string): Promise<ChildProcess> {
  const at = (name: string) => join(folder, name);
  for (const name of ["networks", "copies"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("containers.conf"), configOf(folder));
  const places = ["--root", at("data"), "--runroot", at("run"), "--tmpdir", at("tmp")];
  const args = [...places, "system", "service", "--time=0", `unix://${socketOf(folder)}`];
  const env = { ...process.env, CONTAINERS_CONF: at("containers.conf"), TMPDIR: at("copies") };
  const child = await spawnApart("podman", args, at("log"), env);
  await until(
    "Podman answers",
    async () => {
      if (child.exitCode !== null)
        throw new Error(`podman has ended: ${readFileSync(at("log"), "utf8").slice(-2_000)}`);
      return (await isUp(folder)) || undefined;
    },
    READY_MS,
  );
  return child;
}

/** Ends it, and waits for what it has started beside itself. */
export async function endPodman(folder: string, child: ChildProcess): Promise<void> {
  child.kill();
  await until("Podman ends", async () => (globSync("/proc/[0-9]*/cmdline").some(names(folder)) ? undefined : true));
}

/** Whether the command line in this file has the folder in it; that of a process that has just ended has not. */
const names = (folder: string) => (file: string) => {
  try {
    return readFileSync(file, "utf8").includes(folder);
  } catch {
    return false;
  }
};
