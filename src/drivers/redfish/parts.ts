import type { MachineParts } from "../port.ts";
import { chassisOf, fansOf, powersOf } from "./chassis.ts";
import type { Machine } from "./machine.ts";
import { linkOf, linksOf, listOf, type Resource } from "./resource.ts";
import { count, isThere, nameOf, none, said, standing, text } from "./words.ts";

/** What the BMC says of a machine and its parts. What the system leaves out of its own make, its chassis says. */
export async function partsOf(machine: Machine): Promise<MachineParts> {
  const system = await machine.system();
  const chassis = await chassisOf(machine.bmc, system);
  const list = async (link: unknown): Promise<Resource[]> => {
    const path = linkOf(link);
    const all = path === undefined ? [] : await listOf(machine.bmc, path).catch(none);
    return all.filter(isThere);
  };
  // A chassis of many systems has a make and a serial number of its own.
  const alone = chassis.filter((one) => linksOf(one, "ComputerSystems").length <= 1);
  const own = (field: string) => [system, ...alone].map((one) => text(one[field])).find((word) => word !== undefined);
  return {
    made: said({ manufacturer: own("Manufacturer"), model: own("Model"), serialNumber: own("SerialNumber") }),
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
    fans: await fansOf(machine.bmc, chassis),
    powers: await powersOf(machine.bmc, chassis),
  };
}

const drivesNamed = ({ Drives }: Resource): string[] =>
  (Array.isArray(Drives) ? Drives : []).flatMap((drive) => linkOf(drive)?.split("/").at(-1) ?? []);
