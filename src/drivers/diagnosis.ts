import { readChoice } from "./choice.ts";
import { diagnoseContainers } from "./containers/diagnose.ts";
import { diagnoseRedfish } from "./redfish/index.ts";

/** One thing that a driver needs, tried. */
export interface Finding {
  what: string;
  works: boolean;
  /** What was seen. */
  says: string;
  /** What to install or set where it does not work. */
  todo?: string;
}

export interface Diagnosis {
  driver: string;
  /** The domains for which it is chosen. */
  serves: string[];
  works: boolean;
  findings: Finding[];
}

type Diagnose = (drivers: Readonly<Record<string, unknown>>) => Promise<Finding[]>;

/** How each driver is tried, by its name. It does what the driver would do, and changes nothing. */
const DIAGNOSES: Readonly<Record<string, Diagnose>> = {
  simulated: async () => [{ what: "this program", works: true, says: "needs nothing else" }],
  containers: diagnoseContainers,
  redfish: diagnoseRedfish,
};

/**
 * Tries every driver that there is, chosen or not.
 * @throws SettingError
 */
export async function diagnose(drivers: Readonly<Record<string, unknown>>): Promise<Diagnosis[]> {
  const choice = Object.entries(readChoice(drivers));
  return Promise.all(
    Object.entries(DIAGNOSES).map(async ([driver, tried]) => {
      const findings = await tried(drivers);
      const serves = choice.filter(([, chosen]) => chosen === driver).map(([domain]) => domain);
      return { driver, serves, works: findings.every((one) => one.works), findings };
    }),
  );
}
