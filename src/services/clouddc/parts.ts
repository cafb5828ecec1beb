import type { Drivers, MachineParts } from "../../drivers/port.ts";
import type { Log } from "../../log.ts";

/** The lists of components that the machine itself fills, in the words of the wire; none where it does not answer. */
export async function partsSeen(drivers: Drivers, server: string, log: Log): Promise<Record<string, object[]>> {
  try {
    const look = await drivers.servers.look("parts", server);
    return look.is === "ready" ? listsOf(look.facts) : {};
  } catch (error) {
    log.warn({ resource_id: server, error }, "a server's machine does not say what it is made of");
    return {};
  }
}

function listsOf({ processors, memory, storage }: MachineParts): Record<string, object[]> {
  const lists = {
    memorys: memory.map(({ capacityMib, type, speedMhz, serialNumber, partNumber, ...rest }) => ({
      ...rest,
      capacity_mib: capacityMib,
      memory_device_type: type,
      operating_speed_mhz: speedMhz,
      serial_number: serialNumber,
      part_number: partNumber,
    })),
    processors: processors.map(({ cores, threads, maxSpeedMhz, ...rest }) => ({
      ...rest,
      total_cores: cores,
      total_threads: threads,
      max_speed_mhz: maxSpeedMhz,
    })),
    storage_controllers: storage,
  };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}
