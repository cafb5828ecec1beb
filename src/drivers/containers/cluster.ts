import { createHash } from "node:crypto";
import type { Yard } from "./host.ts";
import { filterOf, labelOf, nameOf } from "./labels.ts";
import { DATABASE_PORT } from "./mariadb.ts";
import { type Place, placeOf } from "./ports.ts";

/** A node as the others of its cluster find it. */
export interface Member {
  /** The id of the node's resource. */
  id: string;
  name: string;
  role: string;
  /** How the others of the cluster reach it. */
  inside: Place;
}

/** The network of a cluster; on the host's network it needs none. */
export const networkOf = ({ settings }: Yard, cluster: string): string | undefined =>
  settings.network === "bridge" ? nameOf(settings.mark, cluster) : undefined;

/** The nodes of a cluster that are there, stopped ones too. */
export async function membersOf({ engine, settings }: Yard, cluster: string): Promise<Member[]> {
  const found = await engine.list({ label: filterOf(settings.mark, "databases", { cluster, type: "node" }) });
  return found.map(({ Labels, Names }) => {
    const name = Names[0]?.slice(1) ?? "";
    const inside = settings.network === "bridge" ? { address: name, port: DATABASE_PORT } : placeOf(Labels);
    return { id: labelOf(Labels, "resource") ?? "", name, role: labelOf(Labels, "role") ?? "", inside };
  });
}

/** A number for a server that no other of the cluster has, as far as 32 bits go. */
export const serverIdOf = (ref: string): number =>
  1 + (createHash("sha256").update(ref).digest().readUInt32BE(0) >>> 1);
