import type { Finding } from "../diagnosis.ts";
import { Bmc } from "./bmc.ts";
import { Machine } from "./machine.ts";
import { readRedfish } from "./settings.ts";
import { wayToWipe } from "./wipe.ts";

/** Opens a session at each BMC that the settings name, and reads its system, its drive for discs and how it would be wiped. */
export async function diagnoseRedfish(drivers: Readonly<Record<string, unknown>>): Promise<Finding[]> {
  const settings = readRedfish(drivers);
  const machines = Object.entries(settings.machines);
  if (machines.length === 0)
    return [{ what: "machines", works: false, says: "none", todo: "name their BMCs in drivers.redfish.machines" }];
  const images: Finding =
    Object.keys(settings.images).length > 0
      ? { what: "images", works: true, says: Object.keys(settings.images).join(", ") }
      : { what: "images", works: false, says: "none", todo: "name the installers in drivers.redfish.images" };
  const found = await Promise.all(
    machines.map(async ([id, setting]): Promise<Finding> => {
      const what = `server ${id}`;
      let bmc: Bmc | undefined;
      try {
        bmc = new Bmc(id, setting, settings.timeoutMs);
        const machine = new Machine(id, bmc, setting.system);
        const power = await machine.power();
        const disc = await machine.disc();
        const wipe = await wayToWipe(machine, id, settings);
        const how = wipe === "erase" ? "by its drives" : "by an image";
        const says = `power ${power}, discs in ${String(disc.Id)}, wiped ${how}`;
        return { what, works: true, says };
      } catch (error) {
        const { message, hint } = error as Error & { hint?: string };
        return { what, works: false, says: message, ...(hint === undefined ? {} : { todo: hint }) };
      } finally {
        await bmc?.close();
      }
    }),
  );
  return [images, ...found];
}
