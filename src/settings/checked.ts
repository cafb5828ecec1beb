import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { SettingError } from "./setting-error.ts";

const FILE = "ebb.yaml";

const dotted = (path: readonly string[]) => path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join("");

/** What is wrong at a place inside a mapping of ebb.yaml. */
export const wrongAt = (name: string, path: readonly string[], value: unknown, allowed: string): SettingError =>
  new SettingError(name + dotted(path), FILE, value, allowed);

/**
 * A mapping of ebb.yaml that a schema bounds.
 * @throws SettingError, which names the first thing that is wrong, its value and what is allowed
 */
export function checked<S extends TSchema>(name: string, own: unknown, schema: S): Static<S> {
  const [first] = Value.Errors(schema, own);
  if (!first) return own as Static<S>;
  const { requiredProperties, allowedValues } = first.params as Record<string, string[] | undefined>;
  const path = [...first.instancePath.split("/").slice(1), ...(requiredProperties?.slice(0, 1) ?? [])];
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], own);
  // A name that the schema does not have is checked against a schema that allows nothing.
  const unknown = first.keyword === "boolean" || first.keyword === "additionalProperties";
  const allowed = requiredProperties ? "a value" : (allowedValues?.join(", ") ?? `a value that ${first.message}`);
  throw wrongAt(name, path, value, unknown ? "nothing of this name" : allowed);
}
