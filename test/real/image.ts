import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { dockerOf, IMAGE } from "./engine.ts";
import { NONINTERACTIVE, run } from "./run-command.ts";

/** One image serves every kind, by command. */
const PACKAGES = ["mariadb-server", "haproxy", "jupyter-server", "python3-ipykernel"];
/** What loads a real model, with the Node that runs the tests. */
const LLAMA = "3.22.1";
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ebb");

/** Nothing of it outlives a crash of the machine anyway, and nobody reads a manual in it. */
const DPKG = `force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
`;

/** What no server needs: packages' lists, a first database, other languages, a bundle of sources. */
const LEFT_OUT = [
  "var/lib/apt/lists",
  "var/lib/mysql",
  "usr/share/locale",
  "opt/llama/node_modules/node-llama-cpp/llama/gitRelease.bundle",
];

/** A Debian with the servers in it, made once a machine from Debian's packages: no registry of images is asked. */
export async function rootArchive(work: string): Promise<string> {
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (!suite) throw new Error("this is no Debian: the image of the tests is made from Debian's packages");
  const recipe = createHash("sha256")
    .update([suite, ...PACKAGES, DPKG, LLAMA, process.version, ...LEFT_OUT].join())
    .digest("hex")
    .slice(0, 12);
  const archive = join(CACHE, `real-${recipe}.tar`);
  if (existsSync(archive)) return archive;
  console.log(`making ${archive}, once: some minutes`);
  mkdirSync(CACHE, { recursive: true });
  const root = join(work, "root");
  await run("debootstrap", ["--variant=minbase", suite, root]);
  await installServers(root);
  await installLlama(root);
  for (const path of LEFT_OUT) rmSync(join(root, path), { recursive: true, force: true });
  // Under another name until it is whole: the next run would take a half one for it.
  await run("tar", ["--numeric-owner", "--one-file-system", "-C", root, "-cf", `${archive}.part`, "."]);
  renameSync(`${archive}.part`, archive);
  rmSync(root, { recursive: true, force: true });
  return archive;
}

async function installServers(root: string): Promise<void> {
  writeFileSync(join(root, "etc/dpkg/dpkg.cfg.d/quick"), DPKG);
  const install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...PACKAGES];
  await run("chroot", [root, ...install], NONINTERACTIVE);
  await run("chroot", [root, "apt-get", "clean"]);
}

/** Only what runs on this processor: its other builds are ten times as large. */
async function installLlama(root: string): Promise<void> {
  copyFileSync(process.execPath, join(root, "usr/local/bin/node"));
  const builds = `@node-llama-cpp/linux-${process.arch}@${LLAMA}`;
  const flags = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
  await run("npm", ["install", "--prefix", join(root, "opt/llama"), ...flags, `node-llama-cpp@${LLAMA}`, builds]);
}

export async function importImage(engineFolder: string, archive: string): Promise<void> {
  const docker = dockerOf(engineFolder);
  const [repo = "", tag = ""] = IMAGE.split(":");
  const stream = await docker.importImage(archive, { repo, tag });
  await new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error: Error | null) => (error ? reject(error) : resolve())),
  );
  await docker.getImage(IMAGE).inspect();
}
