import { createHash } from "node:crypto";
import type { IamHouse } from "./house.ts";

const stableId = (...parts: string[]): string =>
  createHash("sha256").update(parts.join("/")).digest("hex").slice(0, 32);

/** The services with their endpoints, as tokens and `/v3/auth/catalog` list them: all of them under one address. */
export function catalogOf({ services, region }: Pick<IamHouse, "services" | "region">, endpoint: string) {
  const regional = services()
    .filter(({ name }) => name !== "iam")
    .map(({ name }) => ({ name, type: name, region, url: endpoint }));
  const entries = [
    { name: "iam", type: "iam", region: "*", url: `${endpoint}/v3.0` },
    { name: "keystone", type: "identity", region: "*", url: `${endpoint}/v3` },
    ...regional,
  ];
  return entries.map(({ name, type, region: where, url }) => ({
    id: stableId(name),
    name,
    type,
    endpoints: [{ id: stableId(name, where), interface: "public", region: where, region_id: where, url }],
  }));
}
