import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { fields, flagOf } from "../settings/fields.ts";
import { doctor } from "./doctor.ts";
import { addEndpointOptions } from "./endpoint.ts";
import { env } from "./env.ts";
import { explain, UsageError } from "./errors.ts";
import { addOperatorCommands } from "./operator-commands.ts";
import { type LoadServer, start } from "./start.ts";
import { token } from "./token.ts";

/**
 * Runs the command that `argv` (as `process.argv`) names. An error ends the process with one line on stderr and exit
 * code 1, or 2 when the command line is wrong.
 */
export async function main(argv: string[], loadServer: LoadServer = () => import("../server.ts")): Promise<void> {
  // Whoever reads the output may stop at any line, as head does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  try {
    await commands(loadServer).parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are not errors, and commander has written its own line for what is.
      return exit(error.exitCode === 0 ? 0 : 2);
    }
    process.stderr.write(`ebb: ${explain(error)}\n`);
    return exit(error instanceof UsageError ? 2 : 1);
  }
}

function commands(loadServer: LoadServer): Command {
  const program = new Command("ebb")
    .description("A local Huawei Cloud for the things that are slow and dangerous to delete.")
    .version(packageVersion())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`ebb: ${oneLine(text)}\n`) });

  const startCommand = program.command("start").description("start a server and keep it running");
  for (const [name, { help, allowed, fallback }] of Object.entries(fields)) {
    const standard = fallback === null ? "off" : String(fallback);
    startCommand.option(`${flagOf(name)} <value>`, `${help}: ${allowed} (default: ${standard})`);
  }
  startCommand
    .option("--config <file>", "settings file (default: ebb.yaml)")
    .action((flags: Record<string, unknown>) => start(flags, loadServer));

  addEndpointOptions(program.command("env"))
    .description("print what clients need to reach the running Ebb, as shell exports")
    .option("--json", "print one JSON object instead")
    .action(env);
  addEndpointOptions(program.command("token"))
    .description("print a token of the configured user")
    .option("--operator", "print the token of Ebb's own API instead")
    .action(token);
  program
    .command("doctor")
    .description("try every driver on this machine and say what it lacks; exit code 1 when a chosen one cannot work")
    .option("--config <file>", "settings file (default: ebb.yaml)")
    .option("--json", "print one JSON object instead")
    .action(doctor);
  addOperatorCommands(program);
  return program;
}

function oneLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, "")
    .replaceAll(/\s*\n\s*/g, " ");
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}

/** Ends the process even when something half-started keeps it busy, after its output is written. */
function exit(code: number): void {
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
}
