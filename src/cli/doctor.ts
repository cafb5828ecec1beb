import type { Diagnosis } from "../drivers/diagnosis.ts";
import { loadSettings } from "../settings.ts";
import { table } from "./operator.ts";

/** `ebb doctor`: tries every driver. Only one that is chosen for a domain and cannot work makes the exit code 1. */
export async function doctor({ json, ...flags }: { config?: string; json?: boolean }): Promise<void> {
  const { drivers } = loadSettings(flags, process.env, process.cwd());
  // Loaded here: no other command needs them.
  const { diagnose } = await import("../drivers/diagnosis.ts");
  const diagnoses = await diagnose(drivers);
  process.stdout.write(json === true ? `${JSON.stringify({ drivers: diagnoses })}\n` : `${say(diagnoses)}\n`);
  if (diagnoses.some(({ serves, works }) => serves.length > 0 && !works)) process.exitCode = 1;
}

function say(diagnoses: readonly Diagnosis[]): string {
  const rows = diagnoses.flatMap(({ driver, serves, findings }) =>
    findings.map(({ what, works, says, todo }) => [
      driver,
      serves.length > 0 ? serves.join(", ") : "-",
      works ? "works" : "does not work",
      what,
      todo === undefined ? says : `${says}: ${todo}`,
    ]),
  );
  return table(["DRIVER", "CHOSEN FOR", "", "WHAT", "SEEN"], rows);
}
