import { Refusal } from "../port.ts";
import { Bmc } from "./bmc.ts";
import type { Machine } from "./machine.ts";
import { linkOf, listOf, type Resource, targetOf } from "./resource.ts";
import type { RedfishSettings } from "./settings.ts";
import type { Site, Stage } from "./stages.ts";
import { taskAt } from "./tasks.ts";

const ERASE = "#Drive.SecureErase";

/** Every drive that the system's storage has. */
export async function drivesOf(machine: Machine): Promise<Resource[]> {
  const storage = linkOf((await machine.system()).Storage);
  const found: Resource[] = [];
  for (const unit of storage === undefined ? [] : await listOf(machine.bmc, storage)) {
    for (const drive of Array.isArray(unit.Drives) ? unit.Drives : []) {
      const path = linkOf(drive);
      if (path !== undefined) found.push(await machine.bmc.get(path));
    }
  }
  return found;
}

/** How the disks of a machine can be wiped: by themselves where each of them can, or else by an image that is started. */
export async function wayToWipe(machine: Machine, server: string, { wipe }: RedfishSettings) {
  // Some BMCs know nothing of the drives: they are asked only for what would be better than an image.
  const drives = await drivesOf(machine).catch((error: unknown) => {
    if (wipe.image === undefined) throw error;
    return [];
  });
  if (drives.length > 0 && drives.every((drive) => targetOf(drive, ERASE) !== undefined)) return "erase";
  if (wipe.image !== undefined) return "image-wipe";
  throw new Refusal(`the disks of server ${server} cannot be wiped: not every drive offers SecureErase`, {
    owner: "an operator",
    hint: "set drivers.redfish.wipe.image and delete again; or wipe them by hand and skip the step by name",
    forGood: true,
  });
}

/** Every drive has ended an erasure that was begun for this thing. What a BMC has forgotten is begun again. */
export const erased: Stage = async (site) => {
  const { machine, note } = site;
  note.erasing ??= {};
  const drives = await drivesOf(machine);
  const paths = drives.map((drive) => linkOf(drive) ?? "");
  mustList(site, paths);
  for (const [n, path] of paths.entries()) {
    if (note.erasing[path] === null) continue;
    // Noted before it is looked at: a look that fails must not begin a second one.
    note.erasing[path] ??= await begin(site, drives[n] ?? {}, path);
    const left = await ended(site, path, note.erasing[path]);
    if (left === "") delete note.erasing[path];
    else note.erasing[path] = left;
  }
  return paths.every((path) => note.erasing?.[path] === null);
};

/** A BMC that has just started may list no drive, or not every one: that proves nothing. */
function mustList({ note }: Site, paths: readonly string[]): void {
  const lost = Object.keys(note.erasing ?? {}).filter((path) => !paths.includes(path));
  if (paths.length > 0 && lost.length === 0) return;
  throw new Refusal(`the BMC of server ${note.server} does not list ${lost[0] ?? "any drive"}`, {
    owner: "the driver's machine",
    hint: "it is looked for again; a drive that was taken out has to be wiped by hand, and the step skipped by name",
  });
}

/** The task's monitor, or the drive's own address: while it works, the drive lists that. */
async function begin({ machine, note }: Site, drive: Resource, path: string): Promise<string> {
  const reply = await machine.bmc.post(targetOf(drive, ERASE) ?? "");
  const monitor = Bmc.monitorOf(reply);
  if (monitor !== undefined) return monitor;
  if (reply.status !== 202 || (await works(machine.bmc, path))) return path;
  throw new Refusal(`a drive of server ${note.server} is being erased, and nothing shows when that ends`, {
    owner: "an operator",
    hint: "skip the step by name once the drive is through",
    forGood: true,
  });
}

async function works(bmc: Bmc, path: string): Promise<boolean> {
  const { Operations } = await bmc.get(path);
  return Array.isArray(Operations) && Operations.length > 0;
}

/** What is still to be watched: null for nothing, empty for one that has to begin again. */
async function ended({ machine, note }: Site, path: string, monitor: string): Promise<string | null> {
  if (monitor === path) return (await works(machine.bmc, path)) ? path : null;
  const end = await taskAt(machine.bmc, monitor);
  if (end === "done") return null;
  if (end === "running") return monitor;
  if (end === "forgotten") return (await works(machine.bmc, path)) ? path : "";
  throw new Refusal(`a drive of server ${note.server} was not erased: its task ended as ${end.failed}`, {
    owner: "an operator",
    hint: "look at the drive, replace it if need be, and delete again",
    forGood: true,
  });
}

/** The image that wipes has switched the machine off: it does that when it is through, and only then. */
export const wipedByImage: Stage = async ({ machine, note, now, settings }) => {
  if ((await machine.power()) === "Off") return true;
  if (now - note.since >= settings.wipe.withinMs)
    throw new Refusal(
      `the image that wipes server ${note.server} was not through after ${settings.wipe.withinMs / 1_000} s`,
      { owner: "an operator", hint: "look at the server's console, then delete the instance again", forGood: true },
    );
  return false;
};
