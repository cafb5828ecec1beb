import type { Command } from "commander";
import { readSecretKey } from "../iam/secret-key.ts";
import { tokenFromKey } from "../operator/token.ts";
import { OperatorClient, OperatorError } from "../testing/operator-client.ts";
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

/** What Ebb's own API answered, as JSON. */
export interface OperatorAnswer {
  // oxlint-disable-next-line typescript/no-explicit-any -- each command reads the answer of its own operation
  body: any;
}

/** Sends one request to `/ebb/v1` of the running Ebb. An error of the API becomes a CommandError with its message and hint, and the error as its cause. */
export async function askOperator(
  flags: OperatorFlags,
  method: string,
  path: string,
  body?: object,
): Promise<OperatorAnswer> {
  return reaching(flags, async (client) => ({ body: await client.ask(method, path, body) }));
}

/** The same, for an answer that is read as it comes, whatever its status. */
export function openOperator(flags: OperatorFlags, method: string, path: string, body?: object): Promise<Response> {
  return reaching(flags, (client) => client.open(method, path, body));
}

async function reaching<T>(flags: OperatorFlags, use: (client: OperatorClient) => Promise<T>): Promise<T> {
  const { url, token } = await findOperator(flags);
  try {
    return await use(new OperatorClient(url, token));
  } catch (error) {
    if (error instanceof OperatorError)
      throw new CommandError(error.message + (error.hint ? `: ${error.hint}` : ""), { cause: error });
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
