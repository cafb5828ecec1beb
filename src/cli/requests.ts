import type { Command } from "commander";
import { UsageError } from "./errors.ts";
import { addOperatorOptions, askOperator, type OperatorFlags, print, table } from "./operator.ts";

interface RequestsFlags extends OperatorFlags {
  service?: string;
  operation?: string;
  tenant?: string;
  status?: string;
  method?: string;
  since?: string;
  limit?: string;
  clear?: true;
}

interface RequestAnswer {
  number: number;
  at: string;
  method: string;
  path: string;
  operation: string | null;
  ms: number;
  answer: { status: number } | null;
  faults: { id: string }[];
}

const FILTERS = ["service", "operation", "tenant", "status", "method", "since", "limit"] as const;

/** `ebb requests`: what clients really sent, and what they were answered. */
export function addRequestsCommand(program: Command): void {
  addOperatorOptions(program.command("requests"))
    .description("show the last requests of the cloud's clients, without secrets; --json shows all of each")
    .option("--service <name>", "only this service's")
    .option("--operation <name>", "only this operation's, by the vendor's name")
    .option("--tenant <id>", "only this project's")
    .option("--status <code>", "only those answered so")
    .option("--method <name>", "only of this method")
    .option("--since <number|time>", "only after the request of this number, or from this time on")
    .option("--limit <count>", "at most so many (default: 100)")
    .option("--clear", "forget them all instead")
    .action(requests);
}

async function requests(flags: RequestsFlags): Promise<void> {
  const asked = FILTERS.filter((name) => flags[name] !== undefined);
  if (flags.clear) return clear(asked, flags);
  const query = new URLSearchParams(Object.fromEntries(asked.map((name) => [name, flags[name] ?? ""])));
  const { body } = await askOperator(flags, "GET", `/requests?${query.toString()}`);
  const rows = (body.requests as RequestAnswer[]).map((one) => [
    one.number,
    one.at,
    one.method,
    one.path,
    one.operation,
    one.answer?.status ?? "no answer",
    `${one.ms} ms`,
    one.faults.map(({ id }) => id).join(", ") || "-",
  ]);
  const heading = ["NO", "AT", "METHOD", "PATH", "OPERATION", "STATUS", "TOOK", "FAULT"];
  print(flags, body, () => (rows.length > 0 ? table(heading, rows) : "no request"));
}

async function clear(filters: readonly string[], flags: RequestsFlags): Promise<void> {
  if (filters.length > 0) throw new UsageError(`--clear forgets all: it takes no --${filters.join(", --")}`);
  const { body } = await askOperator(flags, "DELETE", "/requests");
  print(flags, body, () => `${body.cleared} requests are forgotten`);
}
