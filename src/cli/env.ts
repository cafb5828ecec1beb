import { type ClientEnvironment, clientEnvironment, clientVariables } from "../settings/client-environment.ts";
import { type EndpointFlags, findEbb } from "./endpoint.ts";

/** `ebb env`: how to reach the running Ebb, as shell exports or as one JSON object. */
export function env(flags: EndpointFlags & { json?: boolean }): void {
  // The variable is this command's own output: read back, it would keep pointing at an Ebb that has moved.
  const { EBB_ENDPOINT: _, ...variables } = process.env;
  const found = findEbb(flags, variables, process.cwd());
  const values = clientEnvironment(found.settings.accounts, found);
  process.stdout.write(flags.json === true ? `${JSON.stringify(values, null, 2)}\n` : shellExports(values));
}

/** For a POSIX shell. */
export function shellExports(values: ClientEnvironment): string {
  return Object.entries(clientVariables(values))
    .map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`)
    .join("");
}

/** The text as one word of a POSIX shell, whatever it holds. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
