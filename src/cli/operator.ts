import type { Command } from "commander";
import { readSecretKey } from "../iam/secret-key.ts";
import { tokenFromKey } from "../operator/token.ts";
import { isRecord } from "../settings/file.ts";
import { addEndpointOptions, type EndpointFlags, findEbb } from "./endpoint.ts";
import { CommandError } from "./errors.ts";

/** The options of every command that asks Ebb's own API. */
export interface OperatorFlags extends EndpointFlags {
  operatorToken?: string;
  json?: boolean;
}

export function addOperatorOptions(command: Command): Command {
  return addEndpointOptions(command)
    .option("--operator-token <token>", "token of Ebb's own API (default: the data folder's)")
    .option("--json", "print the answer as JSON");
}

/** Where Ebb's own API answers, and the token for it. */
export async function findOperator(flags: OperatorFlags): Promise<{ url: string; token: string }> {
  const { settings, url } = findEbb(flags, process.env, process.cwd());
  const { operatorToken, dataDir } = settings;
  if (operatorToken !== null) return { url, token: operatorToken };
  const key = await readSecretKey(dataDir);
  if (!key)
    throw new CommandError(`no Ebb has run in ${dataDir}: name its folder with --data-dir, or give --operator-token`);
  return { url, token: tokenFromKey(key) };
}

/** What Ebb's own API answered: the status, and the body as JSON. */
export interface OperatorAnswer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- each command reads the answer of its own operation
  body: any;
}

/** Sends one request to `/ebb/v1` of the running Ebb. An error of the API becomes a CommandError with its message and hint. */
export async function askOperator(
  flags: OperatorFlags,
  method: string,
  path: string,
  body?: object,
): Promise<OperatorAnswer> {
  const response = await openOperator(flags, method, path, body);
  const text = await response.text();
  const json: unknown = text === "" ? undefined : parse(text);
  if (response.ok) return { status: response.status, body: json };
  const error = isRecord(json) && isRecord(json.error) ? json.error : {};
  const hint = typeof error.hint === "string" ? `: ${error.hint}` : "";
  throw new CommandError(typeof error.message === "string" ? error.message + hint : `Ebb answered ${response.status}`);
}

/** The same, for an answer that is read as it comes. */
export async function openOperator(
  flags: OperatorFlags,
  method: string,
  path: string,
  body?: object,
): Promise<Response> {
  const { url, token } = await findOperator(flags);
  try {
    return await fetch(`${url}/ebb/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
      redirect: "manual",
    });
  } catch {
    throw new CommandError(
      `nothing answers at ${url}: start Ebb with "npm start", or name it with --port or --endpoint`,
    );
  }
}

/** Prints an answer: as JSON when it was asked for, else as the command says it. */
export function print(flags: OperatorFlags, body: unknown, say: () => string): void {
  process.stdout.write(flags.json === true ? `${JSON.stringify(body, null, 2)}\n` : `${say()}\n`);
}

/** Rows under a heading, each column as wide as its longest cell. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string {
  const cells = [heading, ...rows].map((row) => row.map((cell) => String(cell ?? "-")));
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
