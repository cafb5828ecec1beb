import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { createIds } from "../../ids.ts";
import { type Accepting, type Caller, NotAccepted, type Resource } from "../../lifecycle/index.ts";
import { type House, INVENTORY_USER } from "../../wire/index.ts";
import { readServers, type ServerEntry } from "./inventory.ts";
import { SERVER } from "./names.ts";
import { type ServerSpec, serverSpec } from "./server.ts";

const ONBOARD_TIME = "2025-11-02T03:00:00Z";
/** Two processes that start on one store place the same servers: the later one looks again. */
const TRIES = 3;

type Project = House["projects"][number];
type Placed = Omit<ServerSpec, "power" | "turn">;

/** Brings each project's servers to what the inventory says. Writes nothing where nothing differs. */
export async function placeServers(house: House): Promise<void> {
  const entries = readServers(house.inventory);
  for (const project of house.projects) await placeIn(house, project, entries);
}

async function placeIn(house: House, project: Project, entries: readonly ServerEntry[]): Promise<void> {
  const { lifecycle, log } = house;
  for (let tried = 1; ; tried++) {
    const known = await lifecycle.list({ kind: SERVER, tenant: project.id, gone: true });
    const births = await birthsOf(house, project, entries, known);
    const { changes, kept } = planOf(project, entries, known, births);
    for (const server of kept) {
      log.warn({ resource_id: server.id, name: server.name }, "a server in use stays until a start after it is free");
    }
    if (changes.length === 0) return;
    const caller: Caller = { tenant: project.id, userId: INVENTORY_USER, requestId: "start" };
    try {
      return await lifecycle.accept(caller, async (accepting) => {
        for (const change of changes) await change(accepting);
      });
    } catch (error) {
      if (!(error instanceof NotAccepted) || tried === TRIES) throw error;
    }
  }
}

type Change = (accepting: Accepting) => Promise<unknown>;

/** What has to change, and the servers that are no longer in the inventory but carry an instance. */
function planOf(
  project: Project,
  entries: readonly ServerEntry[],
  known: readonly Resource[],
  births: ReadonlyMap<string, Birth>,
) {
  const live = new Map(known.filter((one) => one.goneAt === null).map((one) => [serverSpec(one).sn, one]));
  const changes: Change[] = [];
  for (const entry of entries) {
    const server = live.get(entry.sn);
    live.delete(entry.sn);
    const birth = births.get(entry.sn);
    if (!server && birth) changes.push((accepting) => add(accepting, project, entry, birth));
    else if (server && differs(server, project, entry))
      changes.push((accepting) => adjust(accepting, project, entry, server.id));
  }
  const left = [...live.values()];
  const free = left.filter((one) => one.state !== "in-use");
  for (const { id } of free) {
    changes.push(async (accepting) => accepting.submit("offboard", await accepting.get(SERVER, id)));
  }
  return { changes, kept: left.filter((one) => one.state === "in-use") };
}

const nameOf = ({ name, rack, unit }: ServerEntry) => name ?? `${rack}-u${unit}`;

function specOf(entry: ServerEntry, project: Project): Placed {
  const { sn, manufacturer, model, main_board_manufacturer, main_board_serial_number, dc, rack, unit } = entry;
  return {
    sn,
    manufacturer,
    model,
    main_board_manufacturer,
    main_board_serial_number,
    location: { dc, rack, unit },
    frozen_state: entry.frozen_state ?? 0,
    health_state: entry.health_state ?? "OK",
    onboard_time: entry.onboard_time ?? ONBOARD_TIME,
    domain_id: project.domainId,
    tags: entry.tags ?? [],
    hardware: entry.hardware ?? {},
  };
}

/** The state that the inventory gives it. One in use stays so: the inventory's word counts once it is free. */
const stateOf = (entry: ServerEntry, server: Resource) =>
  server.state === "in-use" ? "in-use" : (entry.manage_state ?? "ready");

function differs(server: Resource, project: Project, entry: ServerEntry): boolean {
  const { power: _power, turn: _turn, ...placed } = serverSpec(server);
  // What is undefined is not stored.
  const same = isDeepStrictEqual(placed, JSON.parse(JSON.stringify(specOf(entry, project))));
  return !same || server.name !== nameOf(entry) || server.state !== stateOf(entry, server);
}

async function adjust(accepting: Accepting, project: Project, entry: ServerEntry, id: string): Promise<void> {
  const server = await accepting.get(SERVER, id);
  await accepting.change(server, {
    name: nameOf(entry),
    spec: specOf(entry, project),
    state: stateOf(entry, server),
  });
}

interface Birth {
  id: string;
  power: "on" | "off";
}

/** The servers that are new, by serial number, and how their machines stand: a machine was there before its record. */
async function birthsOf(
  { drivers, log }: House,
  project: Project,
  entries: readonly ServerEntry[],
  known: readonly Resource[],
): Promise<Map<string, Birth>> {
  const live = new Set(known.filter((one) => one.goneAt === null).map((one) => serverSpec(one).sn));
  const taken = new Set(known.map((one) => one.id));
  const born = entries
    .filter((entry) => !live.has(entry.sn))
    .map(async (entry): Promise<[string, Birth]> => {
      const id = freeId(project, specOf(entry, project), taken);
      const look = await drivers.servers.look("machine", id).catch((error: unknown) => {
        log.warn({ resource_id: id, error }, "a new server's machine does not say how it stands: it is taken for on");
        return undefined;
      });
      return [entry.sn, { id, power: look?.is === "ready" ? look.facts.power : "on" }];
    });
  return new Map(await Promise.all(born));
}

async function add(accepting: Accepting, project: Project, entry: ServerEntry, { id, power }: Birth) {
  const birth = { kind: SERVER, id, name: nameOf(entry), spec: specOf(entry, project), facts: { power } };
  const { resource } = await accepting.create(birth);
  if (entry.manage_state && entry.manage_state !== "ready") {
    await accepting.change(resource, { state: entry.manage_state });
  }
}

/** An id that follows from the project and the serial number; a server that comes back after leaving gets the next. */
function freeId(project: Project, { sn, onboard_time }: Placed, taken: ReadonlySet<string>): string {
  for (let turn = 0; ; turn++) {
    const hash = createHash("sha256").update(`${project.id}/${sn}/${turn}`).digest();
    const id = createIds({ bytes: (count) => hash.subarray(0, count) }).uuid7(Date.parse(onboard_time));
    if (!taken.has(id)) return id;
  }
}
