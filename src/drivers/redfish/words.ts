import { NotThere } from "./bmc.ts";
import type { Resource } from "./resource.ts";

export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
export const count = (value: unknown): number | undefined => (Number.isInteger(value) ? (value as number) : undefined);

/** Without what the BMC did not say. */
export const said = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

export const nameOf = ({ Name, Id }: Resource): string => text(Name) ?? text(Id) ?? "";

export function standing({ Status }: Resource) {
  const { Health, State } = (Status ?? {}) as Resource;
  return { health: text(Health), state: text(State) };
}

/** A BMC may link what it does not have. */
export function none(error: unknown): Resource[] {
  if (error instanceof NotThere) return [];
  throw error;
}

/** An empty socket is no part. */
export const isThere = (part: Resource): boolean => standing(part).state !== "Absent";
