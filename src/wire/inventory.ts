import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { SettingError } from "../settings/setting-error.ts";

/** The user in whose name the inventory puts its things in place. */
export const INVENTORY_USER = "inventory";

/** Where the inventory stands, for messages. */
const FILE = "ebb.yaml";

const dotted = (path: readonly string[]) => path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join("");

const wrong = (part: string, path: readonly string[], value: unknown, allowed: string): SettingError =>
  new SettingError(`inventory.${part}${dotted(path)}`, FILE, value, allowed);

/**
 * One service's part of the inventory. A part that is not there is an empty one.
 * @throws SettingError, which names the first thing that is wrong, its value and what is allowed
 */
export function inventoryPart<S extends TSchema>(
  inventory: Readonly<Record<string, unknown>>,
  part: string,
  schema: S,
): Static<S> {
  const own = inventory[part] ?? {};
  const [first] = Value.Errors(schema, own);
  if (!first) return own as Static<S>;
  const { requiredProperties, allowedValues } = first.params as Record<string, string[] | undefined>;
  const path = [...first.instancePath.split("/").slice(1), ...(requiredProperties?.slice(0, 1) ?? [])];
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], own);
  // A name that the schema does not have is checked against a schema that allows nothing.
  const unknown = first.keyword === "boolean" || first.keyword === "additionalProperties";
  const allowed = requiredProperties ? "a value" : (allowedValues?.join(", ") ?? `a value that ${first.message}`);
  throw wrong(part, path, value, unknown ? "nothing of this name" : allowed);
}

/** @throws SettingError when two entries of a list go by one name */
export function mustDiffer(part: string, list: string, names: readonly string[]): void {
  const again = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (again >= 0) throw wrong(part, [list, String(again)], names[again], "each only once");
}
