import { type Static, Type } from "typebox";
import { type Catalogue, findFlavor, zonesOf } from "./catalogue.ts";
import { DEFAULT_BACKUP, DEFAULT_TIME_ZONE, KERNEL_VERSION, MASTER_PRIORITY, NODE_PRIORITY } from "./choices.ts";
import { refused } from "./dialect.ts";
import type { InstanceSpec } from "./instance.ts";
import type { NodeSpec } from "./node.ts";
import { mustBeGoodPassword } from "./password.ts";
import { fitsBytes, Name, numberText, Text, Uuid } from "./schemas.ts";

const HAN = "\\u4e00-\\u9fff";
const Tag = Type.Object({
  key: Type.String({ pattern: `^[A-Za-z0-9_${HAN}-]{1,36}$` }),
  value: Type.String({ pattern: `^[A-Za-z0-9_.${HAN}-]{0,43}$` }),
});

/** The body of a creation. */
export const NewInstance = Type.Object({
  region: Text,
  name: Name,
  datastore: Type.Object({
    type: Type.String({ pattern: "^[Gg][Aa][Uu][Ss][Ss][Dd][Bb]-[Mm][Yy][Ss][Qq][Ll]$" }),
    version: Type.Enum(["8.0", "8.0.22"]),
    kernel_version: Type.Optional(Type.String({ pattern: "^[0-9]{1,9}(\\.[0-9]{1,9}){2,4}$" })),
  }),
  mode: Type.Enum(["Cluster", "StandSingle"]),
  flavor_ref: Text,
  vpc_id: Uuid,
  subnet_id: Uuid,
  security_group_id: Type.Optional(Text),
  configuration_id: Type.Optional(Text),
  password: Type.String(),
  availability_zone_mode: Type.Enum(["single", "multi"]),
  master_availability_zone: Type.Optional(Text),
  slave_count: Type.Integer({ minimum: 0, maximum: 9 }),
  backup_strategy: Type.Optional(
    Type.Object({
      start_time: Type.String({ pattern: "^([01][0-9]|2[0-3]):00-([01][0-9]|2[0-3]):00$" }),
      keep_days: Type.Optional(numberText("^[1-9][0-9]{0,2}$")),
    }),
  ),
  charge_info: Type.Optional(
    Type.Object({
      charge_mode: Type.Enum(["prePaid", "postPaid"]),
      period_type: Type.Optional(Type.Enum(["month", "year"])),
      period_num: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
      is_auto_renew: Type.Optional(Type.Enum(["true", "false"])),
      is_auto_pay: Type.Optional(Type.Enum(["true", "false"])),
    }),
  ),
  time_zone: Type.Optional(Type.String({ pattern: "^(UTC([+-][0-9]{2}:[0-9]{2})?)?$" })),
  volume: Type.Optional(
    Type.Object({
      size: Type.Optional(numberText("^[0-9]{1,6}$")),
      type: Type.Optional(Type.Enum(["DL6", "DL5"])),
    }),
  ),
  tags: Type.Optional(Type.Array(Tag, { maxItems: 10 })),
  lower_case_table_names: Type.Optional(Type.Integer({ minimum: 0, maximum: 1 })),
  enterprise_project_id: Type.Optional(Type.Union([Text, Type.Integer()])),
  dedicated_resource_id: Type.Optional(Text),
  restore_point: Type.Optional(Type.Object({})),
});

export type NewInstance = Static<typeof NewInstance>;

/**
 * What is kept of a creation's body, after the checks that its schema cannot express.
 * @throws Fault with the code of the first thing that is wrong
 */
export function instanceSpec(
  body: NewInstance,
  { region, catalogue, orderId }: { region: string; catalogue: Catalogue; orderId: string },
): InstanceSpec {
  mustBePossible(body, region, catalogue);
  const [firstZone = ""] = zonesOf(catalogue, region);
  const { datastore, charge_info, volume, backup_strategy } = body;
  return {
    region,
    datastore: {
      type: "gaussdb-mysql",
      version: datastore.version,
      kernel_version: datastore.kernel_version ?? KERNEL_VERSION,
    },
    mode: body.mode,
    flavor_ref: body.flavor_ref,
    vpc_id: body.vpc_id,
    subnet_id: body.subnet_id,
    security_group_id: body.security_group_id ?? "",
    configuration_id: body.configuration_id ?? "",
    availability_zone_mode: body.availability_zone_mode,
    master_availability_zone: body.master_availability_zone || firstZone,
    backup_strategy: backupOf(backup_strategy),
    charge_info: { charge_mode: "postPaid", ...charge_info },
    order_id: charge_info?.charge_mode === "prePaid" ? orderId : null,
    time_zone: body.time_zone || DEFAULT_TIME_ZONE,
    volume: { type: volume?.type ?? "DL6", size: sizeOf(volume) },
    tags: body.tags ?? [],
    enterprise_project_id: String(body.enterprise_project_id ?? "0"),
    dedicated_resource_id: body.dedicated_resource_id ?? "",
  };
}

function mustBePossible(body: NewInstance, region: string, catalogue: Catalogue): void {
  if (body.region !== region) throw refused("200024");
  if (!fitsBytes(body.name)) throw refused("280234");
  mustBeGoodPassword(body.password);
  if (!findFlavor(catalogue.flavors, body.flavor_ref)) throw refused("280288");
  const { availability_zone_mode: mode, master_availability_zone: zone = "" } = body;
  if ((zone === "" && mode === "multi") || (zone !== "" && !zonesOf(catalogue, region).includes(zone))) {
    throw refused("280285");
  }
  if (body.mode === "StandSingle" && body.slave_count > 0) throw refused("280001");
  const keys = (body.tags ?? []).map((tag) => tag.key);
  if (new Set(keys).size < keys.length) throw refused("280272");
  if (body.charge_info?.charge_mode === "prePaid" && !paidForAWhile(body.charge_info)) throw refused("280001");
  if (body.restore_point) throw refused("280214");
}

const paidForAWhile = ({ period_type, period_num }: NonNullable<NewInstance["charge_info"]>): boolean =>
  period_num !== undefined && (period_type === "month" || (period_type === "year" && period_num <= 3));

function backupOf(asked: NewInstance["backup_strategy"]): InstanceSpec["backup_strategy"] {
  if (!asked) return { ...DEFAULT_BACKUP };
  const [from = 0, to = 0] = asked.start_time.split("-").map((time) => Number(time.slice(0, 2)));
  if (to !== (from + 1) % 24) throw refused("280216");
  const days = Number(asked.keep_days ?? DEFAULT_BACKUP.keep_days);
  if (days < 1 || days > 732) throw refused("280250");
  return { start_time: asked.start_time, keep_days: String(days) };
}

const SMALLEST_GB = 10;
const LARGEST_GB = 128_000;

function sizeOf(volume: NewInstance["volume"]): number {
  const size = Number(volume?.size ?? SMALLEST_GB);
  if (size < SMALLEST_GB || size > LARGEST_GB) throw refused("280242");
  if (size % 10 !== 0) throw refused("200027");
  return size;
}

/** The nodes that a creation asks for: the primary first, and in `multi` mode its replicas in the other zones by turns. */
export function firstNodes(spec: InstanceSpec, slaves: number, cluster: string, zones: readonly string[]): NodeSpec[] {
  const { flavor_ref: flavor, availability_zone_mode: mode, master_availability_zone: home } = spec;
  const others = zones.filter((zone) => zone !== home);
  const away = (turn: number) => (mode === "multi" ? others[turn % others.length] : undefined) ?? home;
  return Array.from({ length: 1 + slaves }, (_, index) => ({
    role: index === 0 ? "master" : "slave",
    cluster,
    flavor,
    az: index === 0 ? home : away(index - 1),
    priority: index === 0 ? MASTER_PRIORITY : NODE_PRIORITY,
    ordinal: index + 1,
  }));
}
