import { createHash } from "node:crypto";
import type { Yard } from "./host.ts";
import { filterOf, labelOf } from "./labels.ts";
import { isFree, type Place } from "./ports.ts";

const TRIES = 64;

/** The nth address for a ref, among 127.64.0.0 to 127.127.255.255: on Linux each of these is this machine. */
export function loopbackOf(ref: string, turn: number): string {
  const hash = createHash("sha256").update(`${turn} ${ref}`).digest();
  return `127.${64 + (hash.readUInt8(0) % 64)}.${hash.readUInt8(1)}.${1 + (hash.readUInt8(2) % 254)}`;
}

/** A loopback address of the thing's own: all nodes of a cluster listen on one port, as in the cloud. */
export async function ownPlace({ engine, settings }: Yard, ref: string, port: number): Promise<Place> {
  const ours = await engine.list({ label: filterOf(settings.mark) });
  const taken = new Set(ours.map((one) => labelOf(one.Labels, "address")));
  for (let turn = 0; turn < TRIES; turn++) {
    const place = { address: loopbackOf(ref, turn), port };
    if (!taken.has(place.address) && (await isFree(place))) return place;
  }
  throw new Error(`no loopback address has port ${port} free, after ${TRIES} tries`);
}
