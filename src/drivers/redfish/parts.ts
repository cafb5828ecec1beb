import type { MachineParts } from "../port.ts";
import { NotThere } from "./bmc.ts";
import type { Machine } from "./machine.ts";
import { linkOf, listOf, type Resource } from "./resource.ts";

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const count = (value: unknown): number | undefined => (Number.isInteger(value) ? (value as number) : undefined);

/** Without what the BMC did not say. */
const said = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

const nameOf = ({ Name, Id }: Resource): string => text(Name) ?? text(Id) ?? "";

function standing({ Status }: Resource) {
  const { Health, State } = (Status ?? {}) as Resource;
  return { health: text(Health), state: text(State) };
}

/** What the BMC says of processors, memory and storage. An empty socket is no part. */
export async function partsOf(machine: Machine): Promise<MachineParts> {
  const system = await machine.system();
  const list = async (link: unknown): Promise<Resource[]> => {
    const path = linkOf(link);
    const all = path === undefined ? [] : await listOf(machine.bmc, path).catch(none);
    return all.filter((one) => standing(one).state !== "Absent");
  };
  return {
    processors: (await list(system.Processors)).map((one) =>
      said({
        name: nameOf(one),
        manufacturer: text(one.Manufacturer),
        model: text(one.Model),
        cores: count(one.TotalCores),
        threads: count(one.TotalThreads),
        maxSpeedMhz: count(one.MaxSpeedMHz),
        ...standing(one),
      }),
    ),
    memory: (await list(system.Memory)).map((one) =>
      said({
        name: nameOf(one),
        manufacturer: text(one.Manufacturer),
        type: text(one.MemoryDeviceType),
        capacityMib: count(one.CapacityMiB),
        speedMhz: count(one.OperatingSpeedMhz),
        serialNumber: text(one.SerialNumber),
        partNumber: text(one.PartNumber),
        ...standing(one),
      }),
    ),
    storage: (await list(system.Storage)).map((one) =>
      said({ name: nameOf(one), ...standing(one), drives: drivesNamed(one) }),
    ),
  };
}

/** A BMC may link what it does not have. */
function none(error: unknown): Resource[] {
  if (error instanceof NotThere) return [];
  throw error;
}

const drivesNamed = ({ Drives }: Resource): string[] =>
  (Array.isArray(Drives) ? Drives : []).flatMap((drive) => linkOf(drive)?.split("/").at(-1) ?? []);
