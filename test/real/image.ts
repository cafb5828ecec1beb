import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { dockerOf, IMAGE } from "./engine.ts";
import { NONINTERACTIVE, run } from "./run-command.ts";

/** One image serves every kind, by command. */
const PACKAGES = ["mariadb-server", "haproxy", "jupyter-server", "python3-ipykernel"];
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ebb");

/** A Debian with the servers in it, made once a machine from Debian's packages: no registry of images is asked. */
export async function rootArchive(work: string): Promise<string> {
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (!suite) throw new Error("this is no Debian: the image of the tests is made from Debian's packages");
  const recipe = createHash("sha256")
    .update([suite, ...PACKAGES].join())
    .digest("hex")
    .slice(0, 12);
  const archive = join(CACHE, `real-${recipe}.tar`);
  if (existsSync(archive)) return archive;
  console.log(`making ${archive}, once: some minutes`);
  mkdirSync(CACHE, { recursive: true });
  const root = join(work, "root");
  await run("debootstrap", ["--variant=minbase", suite, root]);
  const install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", ...PACKAGES];
  await run("chroot", [root, ...install], NONINTERACTIVE);
  await run("chroot", [root, "apt-get", "clean"]);
  // Under another name until it is whole: the next run would take a half one for it.
  await run("tar", ["--numeric-owner", "--one-file-system", "-C", root, "-cf", `${archive}.part`, "."]);
  renameSync(`${archive}.part`, archive);
  rmSync(root, { recursive: true, force: true });
  return archive;
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
