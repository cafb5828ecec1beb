import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import { inventoryPart } from "../../wire/index.ts";
import { DEFAULT_CATALOGUE } from "./flavors.ts";

const Digits = Type.String({ pattern: "^[1-9][0-9]{0,4}$" });
const Closed = { additionalProperties: false };

const Flavor = Type.Object(
  {
    spec_code: Type.String({ minLength: 1, maxLength: 128 }),
    type: Type.Enum(["x86", "arm", "generalX86"]),
    vcpus: Digits,
    /** GB. */
    ram: Digits,
    /** Nodes of this flavor that run at a time; without it there is no bound. */
    capacity: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  },
  Closed,
);

const Flavors = Type.Array(Flavor, { minItems: 1, maxItems: 1000 });
const Inventory = Type.Object(
  {
    zones: Type.Optional(Type.Array(Type.String({ pattern: "^[a-z]$" }), { minItems: 1, maxItems: 26 })),
    flavors: Type.Optional(Flavors),
    proxy_flavors: Type.Optional(Flavors),
  },
  Closed,
);

export type Flavor = Readonly<Static<typeof Flavor>>;

/** What can be asked for: flavors of nodes and of proxies, and availability zones by their last letter. */
export interface Catalogue {
  readonly zones: readonly string[];
  readonly flavors: readonly Flavor[];
  readonly proxy_flavors: readonly Flavor[];
}

const read = new WeakMap<object, Catalogue>();

/**
 * The catalogue of `inventory.gaussdb`; what it leaves out is as in the default one.
 * @throws SettingError, which names the first thing that is wrong
 */
export function catalogueOf(inventory: Readonly<Record<string, unknown>>): Catalogue {
  let catalogue = read.get(inventory);
  if (!catalogue) {
    catalogue = { ...DEFAULT_CATALOGUE, ...inventoryPart(inventory, "gaussdb", Inventory) };
    read.set(inventory, catalogue);
  }
  return catalogue;
}

/** The names of the zones, as `az1` of a region goes on the wire. */
export const zonesOf = (catalogue: Catalogue, region: string): string[] =>
  catalogue.zones.map((letter) => `${region}${letter}`);

export const findFlavor = (flavors: readonly Flavor[], code: string): Flavor | undefined =>
  flavors.find((one) => one.spec_code === code);

/** A flavor's id: the same at every start. */
export function flavorId({ spec_code }: Flavor): string {
  const hex = createHash("sha256").update(spec_code).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** How many proxies a database of this kernel version may have. */
export function proxiesMost(kernelVersion: string, most: number): number {
  const is = (other: string) => compareVersions(kernelVersion, other);
  if ((is("2.0.26.2") >= 0 && is("2.0.28.3") <= 0) || is("2.0.29.1") === 0) return 0;
  return is("2.0.42.230601") < 0 ? 1 : most;
}

function compareVersions(a: string, b: string): number {
  const [x, y] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const difference = (x[at] ?? 0) - (y[at] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
