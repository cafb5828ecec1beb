import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { SettingError } from "../../settings/setting-error.ts";

const strict = { additionalProperties: false };
const Url = Type.String({ pattern: "^https?://[^\\s?#]+(\\?[^\\s#]*)?$", maxLength: 2_048 });
const Seconds = Type.Integer({ minimum: 1, maximum: 7 * 86_400 });

const MachineEntry = Type.Object(
  {
    /** Of the BMC: scheme, host and port alone. */
    url: Type.String({ pattern: "^https?://[^/\\s?#@]+/?$" }),
    user: Type.String({ minLength: 1 }),
    password: Type.String({ minLength: 1 }),
    /** Id under Systems; may be left out where the BMC has one system. */
    system: Type.Optional(Type.String({ minLength: 1 })),
    /** A PEM file that the BMC's certificate is checked against, in place of the usual authorities. */
    ca: Type.Optional(Type.String({ minLength: 1 })),
    /** The BMC's certificate is not checked at all. */
    insecure: Type.Optional(Type.Boolean()),
  },
  strict,
);

const Ready = Type.Union([
  Type.Object({ url: Type.String({ pattern: "^https?://" }) }, strict),
  Type.Object({ tcp: Type.Integer({ minimum: 1, maximum: 65_535 }) }, strict),
  Type.Object({ after_s: Seconds }, strict),
]);

const Redfish = Type.Object(
  {
    /** By the server's id. */
    machines: Type.Optional(Type.Record(Type.String(), MachineEntry)),
    /** The installer's address by the image's id; `*` stands for every other one. */
    images: Type.Optional(Type.Record(Type.String(), Url)),
    ready: Type.Optional(Ready),
    ready_within_s: Type.Optional(Seconds),
    wipe: Type.Optional(Type.Object({ image: Type.Optional(Url), within_s: Type.Optional(Seconds) }, strict)),
    grace_s: Type.Optional(Seconds),
    timeout_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 120_000 })),
  },
  strict,
);

export type MachineSetting = Static<typeof MachineEntry>;
/** How an installed system shows that it runs: it answers at an address or a port, or it has been on for so long. */
export type ReadySignal = Static<typeof Ready>;

export interface RedfishSettings {
  machines: Readonly<Record<string, MachineSetting>>;
  images: Readonly<Record<string, string>>;
  ready: ReadySignal;
  /** The next three in virtual ms. */
  readyWithinMs: number;
  wipe: { image: string | undefined; withinMs: number };
  graceMs: number;
  /** Of one request, in the machine's own time. */
  timeoutMs: number;
}

/**
 * Reads `drivers.redfish` of ebb.yaml.
 * @throws SettingError, which names the first thing that is wrong, and shows no password
 */
export function readRedfish(drivers: Readonly<Record<string, unknown>>): RedfishSettings {
  const own = checked(Redfish, drivers.redfish ?? {});
  for (const [id, { ca }] of Object.entries(own.machines ?? {})) if (ca !== undefined) mustTrust(id, ca);
  return {
    machines: own.machines ?? {},
    images: own.images ?? {},
    ready: own.ready ?? { after_s: 600 },
    readyWithinMs: (own.ready_within_s ?? 3_600) * 1_000,
    wipe: { image: own.wipe?.image, withinMs: (own.wipe?.within_s ?? 14_400) * 1_000 },
    graceMs: (own.grace_s ?? 120) * 1_000,
    timeoutMs: own.timeout_ms ?? 10_000,
  };
}

function isCertificate(file: string): boolean {
  try {
    return new X509Certificate(readFileSync(file)).fingerprint256 !== "";
  } catch {
    return false;
  }
}

/** Otherwise it would be found out with the first request only. */
function mustTrust(id: string, ca: string): void {
  if (isCertificate(ca)) return;
  const setting = `drivers.redfish.machines.${id}.ca`;
  throw new SettingError(setting, "ebb.yaml", ca, "a file with a certificate in PEM, which can be read");
}

function checked<S extends TSchema>(schema: S, own: unknown): Static<S> {
  const [first] = Value.Errors(schema, own);
  if (!first) return own as Static<S>;
  const { requiredProperties } = first.params as { requiredProperties?: string[] };
  const path = [...first.instancePath.split("/").slice(1), ...(requiredProperties?.slice(0, 1) ?? [])];
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], own);
  const unknown = first.keyword === "boolean" || first.keyword === "additionalProperties";
  const allowed = requiredProperties ? "a value" : unknown ? "nothing of this name" : `a value that ${first.message}`;
  throw new SettingError(["drivers.redfish", ...path].join("."), "ebb.yaml", value, allowed);
}
