import type { Clock } from "../../clock.ts";
import type { Fences } from "../fences.ts";
import { type Host, type Look, type Marked, Refusal, type ServerThings, type Stamp } from "../port.ts";
import { Bmc } from "./bmc.ts";
import { Machine } from "./machine.ts";
import type { Note, Notes, Way } from "./notes.ts";
import { partsOf } from "./parts.ts";
import type { RedfishSettings } from "./settings.ts";
import { goOn, unmakes } from "./ways.ts";
import { wayToWipe } from "./wipe.ts";

/** Virtual ms between two looks at a machine that is on its way. */
const LOOK_MS = 5_000;

type Spec = Partial<ServerThings["os"]["spec"]> & { power?: "on" | "off" | "rebooted" };

export interface RedfishHouse {
  settings: RedfishSettings;
  fences: Fences;
  notes: Notes;
  clock: Clock;
}

/** Physical servers behind their BMCs. What a BMC cannot remember stands in notes; what it can be asked for is asked. */
export class RedfishHost implements Host<Record<string, { spec: object; facts: object }>> {
  readonly #house: RedfishHouse;
  readonly #machines: ReadonlyMap<string, Machine>;

  constructor(house: RedfishHouse) {
    this.#house = house;
    const { machines, timeoutMs } = house.settings;
    this.#machines = new Map(
      Object.entries(machines).map(([id, one]) => [id, new Machine(id, new Bmc(id, one, timeoutMs), one.system)]),
    );
  }

  async make(type: string, ref: string, spec: Spec, stamp: Stamp): Promise<void> {
    await this.#house.fences.pass(ref, stamp);
    const note = await this.#house.notes.read(ref);
    if (type === "machine" || note?.phase === "there") return;
    const { server = "" } = spec;
    if (type === "os") return this.#goOn(ref, this.#install(note, spec, stamp));
    this.#machine(server);
    // Nothing is done to disks before a system is put on them: from now on they count as written.
    await this.#house.notes.write(ref, { ...this.#fresh("disks", server, "install", stamp), phase: "there" });
  }

  async change(type: string, ref: string, spec: Spec, stamp: Stamp): Promise<void> {
    await this.#house.fences.pass(ref, stamp);
    const note = await this.#house.notes.read(ref);
    if (type === "machine") return this.#switch(ref, note, spec.power ?? "on", stamp);
    if (type === "os" && spec.image !== undefined) return this.#goOn(ref, this.#install(note, spec, stamp));
    throw new Refusal("the addresses of an installed system cannot be changed through its server's BMC", {
      owner: "the caller",
      hint: "change them in the system itself, or reinstall it",
      forGood: true,
    });
  }

  async unmake(type: string, ref: string, stamp: Stamp): Promise<void> {
    await this.#house.fences.pass(ref, stamp);
    const note = await this.#house.notes.read(ref);
    if (note?.phase === "gone") return;
    const successor = await this.#house.notes.successor(ref);
    if (type === "disks" && note && successor !== undefined) throw inUse(note.server, ref, successor);
    // A machine on which a later system stands is not switched for this one.
    const away = successor === undefined ? "uninstall" : "withdraw";
    const begun = note?.phase === "working" && unmakes(note.way) && note.operationId === stamp.operationId;
    if (begun && (type !== "os" || note.way === away)) return this.#goOn(ref, note);
    const server = note?.server ?? (await this.#serverOf(ref));
    if (server === undefined) return;
    const way = type === "os" ? away : await wayToWipe(this.#machine(server), server, this.#house.settings);
    await this.#goOn(ref, this.#fresh(type === "os" ? "os" : "disks", server, way, stamp));
  }

  async look(type: string, ref: string): Promise<Look<object>> {
    if (type === "parts") return { is: "ready", facts: await partsOf(this.#machine(ref)) };
    const note = await this.#house.notes.read(ref);
    if (note?.phase === "working") {
      const is = note.type === "machine" ? "changing" : unmakes(note.way) ? "unmaking" : "making";
      return { is, again: LOOK_MS, pushed: true };
    }
    if (type === "machine") return this.#lookAt(ref);
    if (note?.phase === "there") return { is: "ready", facts: { addresses: note.addresses ?? [] } };
    if (type !== "os") return { is: "absent" };
    const there = note ? (await this.#machine(note.server).marks()).includes(ref) : await this.#serverOf(ref);
    return there === undefined || there === false ? { is: "absent" } : { is: "ready", facts: { addresses: [] } };
  }

  /** The discs that carry the mark, and, since disks cannot carry one, what the notes say of them and of systems. */
  async marked(): Promise<Marked[]> {
    const found = new Map<string, Marked>();
    for (const { ref, note } of await this.#house.notes.list())
      if (note.type !== "machine" && note.phase !== "gone") found.set(ref, { ref, type: note.type });
    // Side by side: each has a BMC of its own, and some are slow.
    const marks = await Promise.all([...this.#machines.values()].map((machine) => machine.marks()));
    for (const ref of marks.flat()) {
      const [type = ""] = ref.split("-");
      found.set(ref, { ref, type });
    }
    return [...found.values()];
  }

  async close(): Promise<void> {
    await Promise.all([...this.#machines.values()].map((one) => one.bmc.close()));
  }

  async #lookAt(server: string): Promise<Look<object>> {
    const machine = this.#machines.get(server);
    if (!machine) return { is: "broken", ...noBmc(server) };
    const power = await machine.power();
    if (power === "between") return { is: "changing", again: LOOK_MS };
    return { is: "ready", facts: { power: power === "On" ? "on" : "off" } };
  }

  async #switch(ref: string, note: Note | undefined, power: "on" | "off" | "rebooted", stamp: Stamp): Promise<void> {
    const way = power === "rebooted" ? "reboot" : power;
    if (note?.operationId === stamp.operationId && note.way === way) {
      if (note.phase === "working") await this.#goOn(ref, note);
      return;
    }
    await this.#goOn(ref, { ...this.#fresh("machine", ref, way, stamp), meant: power === "off" ? "off" : "on" });
  }

  /** The same installation goes on; another operation's begins anew. */
  #install(note: Note | undefined, spec: Spec, stamp: Stamp): Note {
    if (note?.phase === "working" && note.way === "install" && note.operationId === stamp.operationId) return note;
    const { server = "", image = "", addresses = [], hostname = "" } = spec;
    const { images } = this.#house.settings;
    const url = images[image] ?? images["*"];
    if (url === undefined)
      throw new Refusal(`nothing says where the installer of image ${image} is`, {
        owner: "an operator",
        hint: "add it to drivers.redfish.images, then delete the instance",
        forGood: true,
      });
    return { ...this.#fresh("os", server, "install", stamp), image: url, addresses, hostname };
  }

  #fresh(type: Note["type"], server: string, way: Way, { operationId }: Stamp): Note {
    return { type, server, way, operationId, phase: "working", stage: 0, since: this.#house.clock.now() };
  }

  async #goOn(ref: string, note: Note): Promise<void> {
    const { settings, notes, clock } = this.#house;
    const machine = this.#machine(note.server);
    // Written before anything is asked: what follows may be lost on the way.
    await notes.write(ref, note);
    const meant = note.meant ?? (await this.#meant(note.server, machine, note));
    await goOn({ ref, machine, note, now: clock.now(), settings, meant }, notes);
  }

  /** What the power is meant to be: as was last asked, or as it was when Ebb first came to the machine. */
  async #meant(server: string, machine: Machine, { operationId, since }: Note): Promise<"on" | "off"> {
    const known = (await this.#house.notes.read(server))?.meant;
    if (known !== undefined) return known;
    const meant = (await machine.power()) === "Off" ? "off" : "on";
    const found = { type: "machine", phase: "there", way: meant, stage: 0 } as const;
    await this.#house.notes.write(server, { ...found, server, since, operationId, meant });
    return meant;
  }

  /** The server in which a disc for the thing is found; asked where no note says it. */
  async #serverOf(ref: string): Promise<string | undefined> {
    for (const [server, machine] of this.#machines) if ((await machine.marks()).includes(ref)) return server;
    return undefined;
  }

  #machine(server: string): Machine {
    const machine = this.#machines.get(server);
    if (machine) return machine;
    const { reason, ...rest } = noBmc(server);
    throw new Refusal(reason, { ...rest, forGood: true });
  }
}

const noBmc = (server: string) => ({
  reason: `nothing says which BMC server ${server} has`,
  owner: "an operator",
  hint: "add it to drivers.redfish.machines, by this id",
});

const inUse = (server: string, ref: string, successor: string) =>
  new Refusal(`a wipe of ${ref} would wipe ${successor} as well: server ${server} has a later system`, {
    owner: "an operator",
    hint: "delete the instance of that system: its wipe takes these along",
  });
