import type { When } from "./spec.ts";

/** What has been counted of a fault, with the call that is being decided. */
export interface Counted {
  calls: number;
  hits: number;
  first_hit_at: number | null;
}

/** Whether the call that `calls` has just counted is hit. */
export function hitsNow(when: When, { calls, hits, first_hit_at }: Counted, now: number): boolean {
  if (when.until !== undefined && now >= when.until) return false;
  if (when.for_ms !== undefined && first_hit_at !== null && now >= first_hit_at + when.for_ms) return false;
  if (when.times !== undefined && hits >= when.times) return false;
  if (when.first !== undefined) return calls <= when.first;
  if (when.every !== undefined) return calls % when.every === 0;
  if (when.probability !== undefined) return chance(when.seed ?? 0, calls) < when.probability;
  return true;
}

/** A number in [0, 1) that follows from the seed and the number of the call alone (the finalizer of MurmurHash3, twice). */
export function chance(seed: number, call: number): number {
  return mix(mix(seed) ^ call) / 2 ** 32;
}

function mix(number: number): number {
  let h = (number + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
