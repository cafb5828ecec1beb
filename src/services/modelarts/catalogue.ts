import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { SettingError } from "../../settings/setting-error.ts";
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
    catalogue = { ...DEFAULT_CATALOGUE, ...checked(inventory.modelarts ?? {}) };
    read.set(inventory, catalogue);
  }
  return catalogue;
}

function checked(value: unknown): Partial<Catalogue> {
  if (!Value.Check(Inventory, value)) {
    const [error] = Value.Errors(Inventory, value);
    const path = (error?.instancePath ?? "").split("/").slice(1);
    const found = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value);
    throw wrong(path, found, allowedBy(error));
  }
  mustDiffer("flavors", value.flavors?.map((one) => one.name) ?? []);
  mustDiffer("profiles", value.profiles?.map((one) => one.id) ?? []);
  return value;
}

function allowedBy(error: { message: string; params: object } | undefined): string {
  const { message = "", params = {} } = error ?? {};
  // A key that the schema does not have is checked against nothing.
  if (message === "schema is false") return "nothing of this name";
  const { allowedValues } = params as { allowedValues?: string[] };
  return allowedValues?.join(", ") ?? `a value that ${message}`;
}

function mustDiffer(list: string, names: readonly string[]): void {
  const again = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (again >= 0) throw wrong([list, String(again)], names[again], "each name once");
}

function wrong(path: readonly string[], value: unknown, allowed: string): SettingError {
  const name = path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join("");
  return new SettingError(`inventory.modelarts${name}`, "ebb.yaml", value, allowed);
}
