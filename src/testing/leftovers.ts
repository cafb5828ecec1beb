import type { OperatorClient } from "./operator-client.ts";

/** One resource, as Ebb's own API shows it. */
export interface LeftResource {
  id: string;
  kind: string;
  tenant: string;
  name: string;
  state: string;
  error: { verb: string; step: string; reason: string; owner: string; hint: string } | null;
}

/** One real thing that nothing answers for any more. */
export interface Leak {
  ref: string;
  [more: string]: unknown;
}

/** What was made, and what of it is still there. */
export interface Leftovers {
  created: { kind: string; count: number }[];
  left: LeftResource[];
  left_count: number;
  unfinished: { operation_id: string; resource_id: string; kind: string; verb: string; step: string | null }[];
  leaks: Leak[];
}

/** Nothing is left, nothing is under way, nothing has leaked. */
export const isClean = ({ left_count, unfinished, leaks }: Leftovers): boolean =>
  left_count === 0 && unfinished.length === 0 && leaks.length === 0;

export async function leftoversOf(operator: OperatorClient): Promise<Leftovers> {
  const found = await operator.ask<Omit<Leftovers, "leaks">>("GET", "/leftovers");
  const { leaks } = await operator.ask<{ leaks: Leak[] }>("GET", "/leaks");
  return { ...found, leaks };
}

/** How far time runs ahead for what is under way, in virtual ms. What is not done by then does not finish by itself. */
const PATIENCE_MS = 86_400_000;

/** Lets virtual time run ahead until nothing is under way, a day at the most. */
export async function runToRest(operator: OperatorClient): Promise<Leftovers> {
  const { now } = await operator.ask<{ now: string }>("GET", "/clock");
  const end = Date.parse(now) + PATIENCE_MS;
  for (let at = Date.parse(now); at < end; ) {
    const found = await leftoversOf(operator);
    if (found.unfinished.length === 0) return found;
    const moved = await operator.ask<{ now: string }>("POST", "/clock/advance", { to: "next" });
    at = Date.parse(moved.now);
  }
  return leftoversOf(operator);
}
