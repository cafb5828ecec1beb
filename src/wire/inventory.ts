import type { Static, TSchema } from "typebox";
import { checked, wrongAt } from "../settings/checked.ts";

/** The user in whose name the inventory puts its things in place. */
export const INVENTORY_USER = "inventory";

/**
 * One service's part of the inventory. A part that is not there is an empty one.
 * @throws SettingError, which names the first thing that is wrong, its value and what is allowed
 */
export function inventoryPart<S extends TSchema>(
  inventory: Readonly<Record<string, unknown>>,
  part: string,
  schema: S,
): Static<S> {
  return checked(`inventory.${part}`, inventory[part] ?? {}, schema);
}

/** @throws SettingError when two entries of a list go by one name */
export function mustDiffer(part: string, list: string, names: readonly string[]): void {
  const again = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (again >= 0) throw wrongAt(`inventory.${part}`, [list, String(again)], names[again], "each only once");
}
