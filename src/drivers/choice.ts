import { SettingError } from "../settings/setting-error.ts";
import type { Domain } from "./port.ts";

/** What may stand behind each domain, the default first. */
export const CHOICES = {
  servers: ["simulated", "redfish"],
  notebooks: ["simulated", "containers"],
  databases: ["simulated", "containers"],
  inference: ["simulated", "containers"],
} as const satisfies Record<Domain, readonly string[]>;

export type DriverChoice = { [D in Domain]: (typeof CHOICES)[D][number] };

/**
 * Reads `drivers` of ebb.yaml: a driver's name by domain. The drivers' own settings stand there too, by their names.
 * @throws SettingError
 */
export function readChoice(drivers: Readonly<Record<string, unknown>>): DriverChoice {
  const domains = Object.keys(CHOICES) as Domain[];
  const names = [...domains, ...new Set(Object.values(CHOICES).flat())];
  for (const [name, value] of Object.entries(drivers))
    if (!names.some((one) => one === name)) throw wrong(`drivers.${name}`, value, `one of ${names.join(", ")}`);
  return Object.fromEntries(domains.map((domain) => [domain, chosen(domain, drivers[domain])])) as DriverChoice;
}

const wrong = (name: string, value: unknown, allowed: string) => new SettingError(name, "ebb.yaml", value, allowed);

function chosen(domain: Domain, name: unknown): string {
  const all: readonly string[] = CHOICES[domain];
  const found = name === undefined ? all[0] : all.find((one) => one === name);
  if (found === undefined) throw wrong(`drivers.${domain}`, name, all.join(", "));
  return found;
}
