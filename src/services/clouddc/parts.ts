import type { Drivers, MachineParts } from "../../drivers/port.ts";
import type { Log } from "../../log.ts";

/** What the machine itself says, in the words of the wire; nothing where it does not answer. */
export interface HardwareSeen {
  summary: object;
  lists: Record<string, object[]>;
}

export async function partsSeen(drivers: Drivers, server: string, log: Log): Promise<HardwareSeen> {
  const nothing = { summary: {}, lists: {} };
  try {
    const look = await drivers.servers.look("parts", server);
    return look.is === "ready" ? { summary: summaryOf(look.facts), lists: listsOf(look.facts) } : nothing;
  } catch (error) {
    log.warn({ resource_id: server, error }, "a server's machine does not say what it is made of");
    return nothing;
  }
}

const summaryOf = ({ made: { serialNumber, ...rest } }: MachineParts): object =>
  serialNumber === undefined ? rest : { ...rest, sn: serialNumber };

function listsOf({ processors, memory, storage, fans, powers }: MachineParts): Record<string, object[]> {
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
    fans: fans.map(({ partNumber, readingUnits, health, state, ...rest }) => ({
      ...rest,
      part_number: partNumber,
      reading_units: readingUnits,
      status: { health, state },
    })),
    powers: powers.map(
      ({ type, capacityWatts, inputVoltage, serialNumber, partNumber, firmwareVersion, health, state, ...rest }) => ({
        ...rest,
        power_supply_type: type,
        power_capacity_watts: capacityWatts,
        line_input_voltage: inputVoltage,
        serial_number: serialNumber,
        part_number: partNumber,
        firmware_version: firmwareVersion,
        status: { health, state },
      }),
    ),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}
