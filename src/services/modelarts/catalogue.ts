import { type Static, Type } from "typebox";
import { inventoryPart, mustDiffer } from "../../wire/index.ts";
import { DEFAULT_CATALOGUE } from "./flavors.ts";

const Text = Type.String({ minLength: 1, maxLength: 128 });
const Closed = { additionalProperties: false };

const Flavor = Type.Object(
  {
    name: Text,
    type: Type.Enum(["CPU", "GPU", "ASCEND"]),
    params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
    storage_list: Type.Array(Type.Enum(["obs", "evs"]), { minItems: 1 }),
    /** Containers of this flavor that run at a time; without it there is no bound. */
    capacity: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  },
  Closed,
);

const Profile = Type.Object(
  {
    id: Text,
    description: Type.String({ maxLength: 512 }),
    category: Text,
    /** The hardware that the image runs on. */
    flavor_types: Type.Array(Type.Enum(["CPU", "GPU", "Ascend"]), { minItems: 1 }),
    image_name: Text,
    image_tag: Text,
  },
  Closed,
);

const Workspace = Type.String({ pattern: "^[0-9a-f]{32}$" });

const Inventory = Type.Object(
  {
    flavors: Type.Optional(Type.Array(Flavor, { minItems: 1, maxItems: 1000 })),
    profiles: Type.Optional(Type.Array(Profile, { minItems: 1, maxItems: 1000 })),
    /** Workspaces beside the default one. */
    workspaces: Type.Optional(Type.Array(Workspace, { maxItems: 1000 })),
  },
  Closed,
);

type Frozen<T> = T extends readonly (infer One)[]
  ? readonly Frozen<One>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

export type Flavor = Frozen<Static<typeof Flavor>>;
export type Profile = Frozen<Static<typeof Profile>>;

/** What can be asked for: flavors, profiles and workspaces. */
export interface Catalogue {
  readonly flavors: readonly Flavor[];
  readonly profiles: readonly Profile[];
  readonly workspaces: readonly string[];
}

const read = new WeakMap<object, Catalogue>();

/**
 * The catalogue of `inventory.modelarts`; what it leaves out is as in the default one.
 * @throws SettingError, which names the first thing that is wrong
 */
export function catalogueOf(inventory: Readonly<Record<string, unknown>>): Catalogue {
  let catalogue = read.get(inventory);
  if (!catalogue) {
    catalogue = { ...DEFAULT_CATALOGUE, ...checked(inventory) };
    read.set(inventory, catalogue);
  }
  return catalogue;
}

function checked(inventory: Readonly<Record<string, unknown>>): Partial<Catalogue> {
  const own = inventoryPart(inventory, "modelarts", Inventory);
  mustDiffer("modelarts", "flavors", own.flavors?.map((one) => one.name) ?? []);
  mustDiffer("modelarts", "profiles", own.profiles?.map((one) => one.id) ?? []);
  return own;
}
