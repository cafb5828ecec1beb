import type { MachineParts } from "../port.ts";
import type { Bmc } from "./bmc.ts";
import { linkOf, linksOf, listOf, type Resource } from "./resource.ts";
import { count, isThere, nameOf, none, said, standing, text } from "./words.ts";

/** The chassis that the system says it is in. */
export async function chassisOf(bmc: Bmc, system: Resource): Promise<Resource[]> {
  const found: Resource[] = [];
  for (const path of linksOf(system, "Chassis")) found.push(...(await bmc.get(path).then((one) => [one], none)));
  return found;
}

/** Parts of the chassis: lists in one resource as the standard had it first, or else a collection of a subsystem. */
async function partsIn(bmc: Bmc, chassis: Resource[], old: string, subsystem: string, list: string) {
  const get = (link: unknown) => {
    const path = linkOf(link);
    return path === undefined ? [] : bmc.get(path).then((one) => [one], none);
  };
  const found: Resource[] = [];
  for (const one of chassis) {
    const [whole] = await get(one[old]);
    const [parts] = whole ? [] : await get(one[subsystem]);
    const path = linkOf(parts?.[list]);
    if (Array.isArray(whole?.[list])) found.push(...(whole[list] as Resource[]));
    else if (path !== undefined) found.push(...(await listOf(bmc, path).catch(none)));
  }
  return found.filter(isThere);
}

export async function fansOf(bmc: Bmc, chassis: Resource[]): Promise<MachineParts["fans"]> {
  const fans = await partsIn(bmc, chassis, "Thermal", "ThermalSubsystem", "Fans");
  return fans.map((one) => {
    const speed = count((one.SpeedPercent as Resource | undefined)?.SpeedRPM);
    return said({
      name: nameOf(one),
      model: text(one.Model),
      partNumber: text(one.PartNumber),
      reading: count(one.Reading) ?? speed,
      readingUnits: text(one.ReadingUnits) ?? (speed === undefined ? undefined : "RPM"),
      ...standing(one),
    });
  });
}

export async function powersOf(bmc: Bmc, chassis: Resource[]): Promise<MachineParts["powers"]> {
  const powers = await partsIn(bmc, chassis, "Power", "PowerSubsystem", "PowerSupplies");
  return powers.map((one) =>
    said({
      name: nameOf(one),
      manufacturer: text(one.Manufacturer),
      model: text(one.Model),
      type: text(one.PowerSupplyType),
      capacityWatts: count(one.PowerCapacityWatts),
      inputVoltage: count(one.LineInputVoltage),
      serialNumber: text(one.SerialNumber),
      partNumber: text(one.PartNumber),
      firmwareVersion: text(one.FirmwareVersion),
      ...standing(one),
    }),
  );
}
