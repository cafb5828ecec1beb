import type { ServerEntry } from "./inventory.ts";

const memory = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `DIMM${index}`,
    capacity_mib: 32_768,
    memory_device_type: "DDR4",
    operating_speed_mhz: 3_200,
    health: "OK",
    state: "Enabled",
  }));

const processors = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `CPU${index + 1}`,
    model: "Simulated 32C",
    total_cores: 32,
    total_threads: 64,
    socket: index,
    health: "OK",
    state: "Enabled",
  }));

function server(rack: number, unit: number, more: Partial<ServerEntry> = {}): ServerEntry {
  return {
    sn: `EBB-R${rack}-U${unit}`,
    name: `rack${rack}-u${unit}`,
    manufacturer: "Ebb",
    model: "Simulated-2S",
    dc: "hall-a",
    rack: `rack${rack}`,
    unit: String(unit),
    onboard_time: "2025-11-02T03:00:00Z",
    hardware: { memorys: memory(8), processors: processors(2) },
    ...more,
  };
}

/** What each project has when the settings name no servers: six in two racks, one of them under repair. */
export const DEFAULT_SERVERS: readonly ServerEntry[] = [
  server(1, 10),
  server(1, 14),
  server(1, 18),
  server(2, 10),
  server(2, 14),
  server(2, 18, { manage_state: "maintain", health_state: "Critical" }),
];
