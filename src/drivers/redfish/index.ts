import type { Clock } from "../../clock.ts";
import type { Store } from "../../store/index.ts";
import { Fences } from "../fences.ts";
import type { ServerHost } from "../port.ts";
import { RedfishHost } from "./host.ts";
import { Notes } from "./notes.ts";
import { readRedfish } from "./settings.ts";

export { diagnoseRedfish } from "./diagnose.ts";

/**
 * Servers driven through their BMCs, over Redfish (DMTF DSP0266).
 * @throws SettingError
 */
export function redfishServers(
  { store, clock }: { store: Store; clock: Clock },
  drivers: Readonly<Record<string, unknown>>,
): { host: ServerHost; close(): Promise<void> } {
  const settings = readRedfish(drivers);
  const host = new RedfishHost({
    settings,
    fences: new Fences(store, clock),
    notes: new Notes(store, clock),
    clock,
  });
  return { host, close: () => host.close() };
}
