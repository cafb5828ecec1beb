import { Refusal } from "../port.ts";
import { Bmc } from "./bmc.ts";
import { linkOf, linksOf, listOf, membersOf, type Resource, targetOf } from "./resource.ts";

export type Power = "On" | "Off" | "between";
type Reset = "On" | "ForceOff" | "GracefulShutdown";

/** Ebb's mark: part of the address of each medium that it inserts. */
const MARK = "ebb";

/** The address under which a medium is inserted for a thing. */
export function marked(url: string, ref: string): string {
  const address = new URL(url);
  address.searchParams.set(MARK, ref);
  return address.href;
}

/** The thing for which a medium was inserted; null for one that is not Ebb's. */
export const markOf = (image: unknown): string | null =>
  typeof image === "string" && URL.canParse(image) ? new URL(image).searchParams.get(MARK) : null;

/** One computer system behind a BMC, in the words of what Ebb does with it. */
export class Machine {
  readonly #name: string;
  readonly bmc: Bmc;
  readonly #wanted: string | undefined;
  #path: string | undefined;

  constructor(name: string, bmc: Bmc, system: string | undefined) {
    this.#name = name;
    this.bmc = bmc;
    this.#wanted = system;
  }

  async path(): Promise<string> {
    this.#path ??= await this.#find();
    return this.#path;
  }

  async system(): Promise<Resource> {
    return this.bmc.get(await this.path());
  }

  async power(): Promise<Power> {
    const { PowerState } = await this.system();
    return PowerState === "On" || PowerState === "Off" ? PowerState : "between";
  }

  /** Answers the monitor of the task, where it became one. A system that knows no graceful way is switched off at once. */
  async reset(type: Reset): Promise<string | undefined> {
    const system = await this.system();
    const action = (system.Actions as Resource | undefined)?.["#ComputerSystem.Reset"] as Resource | undefined;
    const allowed = action?.["ResetType@Redfish.AllowableValues"];
    const able = !Array.isArray(allowed) || allowed.includes(type);
    const target = targetOf(system, "#ComputerSystem.Reset");
    if (target === undefined) throw this.#unable("cannot be switched");
    return Bmc.monitorOf(await this.bmc.post(target, { ResetType: able ? type : type === "On" ? type : "ForceOff" }));
  }

  /** The drive that takes an installer: the first one for discs. */
  async disc(): Promise<Resource> {
    for (const one of await this.media()) {
      const types = Array.isArray(one.MediaTypes) ? one.MediaTypes : [];
      if (types.includes("CD") || types.includes("DVD")) return one;
    }
    throw this.#unable("has no virtual drive for discs");
  }

  async media(): Promise<Resource[]> {
    const system = await this.system();
    const own = linkOf(system.VirtualMedia);
    if (own !== undefined) return listOf(this.bmc, own);
    const theirs: Resource[] = [];
    for (const manager of linksOf(system, "ManagedBy")) {
      const list = linkOf((await this.bmc.get(manager)).VirtualMedia);
      if (list !== undefined) theirs.push(...(await listOf(this.bmc, list)));
    }
    return theirs;
  }

  /** The things for which media are inserted. */
  async marks(): Promise<string[]> {
    const media = await this.media();
    return media.filter((one) => one.Inserted === true).flatMap((one) => markOf(one.Image) ?? []);
  }

  async insert(disc: Resource, image: string): Promise<string | undefined> {
    const body = { Image: image, Inserted: true, WriteProtected: true };
    const target = targetOf(disc, "#VirtualMedia.InsertMedia");
    return Bmc.monitorOf(await (target === undefined ? this.#patch(disc, body) : this.bmc.post(target, body)));
  }

  async eject(medium: Resource): Promise<string | undefined> {
    const target = targetOf(medium, "#VirtualMedia.EjectMedia");
    const none = { Image: null, Inserted: false };
    return Bmc.monitorOf(await (target === undefined ? this.#patch(medium, none) : this.bmc.post(target)));
  }

  /** The next start is from the disc, and no other. */
  async bootFromDisc(): Promise<void> {
    await this.#boot({ BootSourceOverrideTarget: "Cd", BootSourceOverrideEnabled: "Once" });
  }

  /** The system starts as it would without Ebb. A system that lists no word for that is sent to its own disk. */
  async bootAsUsual(): Promise<void> {
    const boot = (await this.system()).Boot as Resource | undefined;
    const allowed = boot?.["BootSourceOverrideTarget@Redfish.AllowableValues"];
    const target = Array.isArray(allowed) && !allowed.includes("None") ? "Hdd" : "None";
    await this.#boot({ BootSourceOverrideTarget: target, BootSourceOverrideEnabled: "Disabled" });
  }

  async bootsFromDisc(): Promise<boolean> {
    const boot = (await this.system()).Boot as Resource | undefined;
    return boot?.BootSourceOverrideEnabled !== "Disabled" && boot?.BootSourceOverrideTarget === "Cd";
  }

  async #boot(boot: object): Promise<void> {
    await this.bmc.patch(await this.path(), { Boot: boot });
  }

  #patch(resource: Resource, body: object) {
    const path = linkOf(resource);
    if (path === undefined) throw this.#unable("has a virtual drive without an address");
    return this.bmc.patch(path, body);
  }

  async #find(): Promise<string> {
    if (this.#wanted !== undefined) return `/redfish/v1/Systems/${encodeURIComponent(this.#wanted)}`;
    const paths = await membersOf(this.bmc, "/redfish/v1/Systems");
    const [only] = paths;
    if (paths.length === 1 && only !== undefined) return only;
    throw new Refusal(`the BMC of server ${this.#name} has ${paths.length} systems`, {
      owner: "an operator",
      hint: "name one in drivers.redfish.machines, as `system`",
    });
  }

  #unable(what: string): Refusal {
    return new Refusal(`server ${this.#name} ${what} over Redfish`, {
      owner: "an operator",
      hint: "look at what its BMC offers, and at its licence",
      forGood: true,
    });
  }
}
