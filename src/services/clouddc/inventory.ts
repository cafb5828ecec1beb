import { type Static, Type } from "typebox";
import { inventoryPart, mustDiffer } from "../../wire/index.ts";
import { DEFAULT_SERVERS } from "./default-inventory.ts";

const strict = { additionalProperties: false };
const Text = Type.String({ minLength: 1, maxLength: 128 });
const optional = <T extends readonly string[]>(names: T, type: "text" | "count") =>
  Object.fromEntries(names.map((name) => [name, Type.Optional(type === "text" ? Text : Type.Integer({ minimum: 0 }))]));
const part = (texts: readonly string[], counts: readonly string[], more = {}) =>
  Type.Array(Type.Object({ ...optional(texts, "text"), ...optional(counts, "count"), ...more }, strict), {
    maxItems: 128,
  });

const Ports = part(
  [
    "physical_port_number",
    "link_status",
    "associated_network_addresses",
    "active_link_technology",
    "port_type",
    "port_max_speed",
    "bdf",
    "auto_neg",
    "permanent_mac_address",
  ],
  [],
);

/** Components, in the words of the wire; what is not written is not shown. */
const Hardware = Type.Object(
  {
    memorys: Type.Optional(
      part(
        ["name", "manufacturer", "memory_device_type", "serial_number", "part_number", "position", "health", "state"],
        ["capacity_mib", "allowed_speed_mhz", "operating_speed_mhz", "rank_count", "data_width_bits"],
      ),
    ),
    processors: Type.Optional(
      part(
        ["name", "manufacturer", "model", "serial_number", "part_number", "health", "state"],
        [
          "total_cores",
          "total_enabled_cores",
          "total_threads",
          "total_enabled_threads",
          "socket",
          "max_speed_mhz",
          "frequency_mhz",
        ],
      ),
    ),
    network_adapters: Type.Optional(
      part(
        [
          "name",
          "card_model",
          "model",
          "manufacturer",
          "position",
          "driver_name",
          "driver_version",
          "firmware_version",
          "health",
        ],
        ["slot_number"],
        { network_ports: Type.Optional(Ports) },
      ),
    ),
  },
  strict,
);

const Tag = Type.Object({ key: Text, value: Type.String({ maxLength: 255 }) }, strict);
const TIME = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$";

const Entry = Type.Object(
  {
    /** Serial number: what tells one server from another, at every start. */
    sn: Text,
    name: Type.Optional(Text),
    manufacturer: Text,
    model: Text,
    main_board_manufacturer: Type.Optional(Text),
    main_board_serial_number: Type.Optional(Text),
    dc: Text,
    rack: Text,
    unit: Text,
    manage_state: Type.Optional(Type.Enum(["onboard", "os-ready", "ready", "maintain", "offboarding"])),
    frozen_state: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 })),
    health_state: Type.Optional(Type.Enum(["OK", "Warning", "Critical", "Unknown"])),
    onboard_time: Type.Optional(Type.String({ pattern: TIME })),
    tags: Type.Optional(Type.Array(Tag, { maxItems: 20 })),
    hardware: Type.Optional(Hardware),
  },
  strict,
);

const Inventory = Type.Object({ servers: Type.Optional(Type.Array(Entry, { maxItems: 1000 })) }, strict);

/** One server of `inventory.clouddc.servers`. */
export type ServerEntry = Static<typeof Entry>;

/**
 * The servers of the settings, or the default ones.
 * @throws SettingError, which names the first thing that is wrong
 */
export function readServers(inventory: Readonly<Record<string, unknown>>): readonly ServerEntry[] {
  const { servers } = inventoryPart(inventory, "clouddc", Inventory);
  if (!servers) return DEFAULT_SERVERS;
  mustDiffer(
    "clouddc",
    "servers",
    servers.map((one) => one.sn),
  );
  return servers;
}
