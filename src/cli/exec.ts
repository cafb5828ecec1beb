import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Command } from "commander";
import { isClean, type Leftovers, runToRest } from "../testing/leftovers.ts";
import { CommandError } from "./errors.ts";
import { table } from "./operator.ts";

interface ExecFlags {
  failOnLeftovers?: boolean;
  pace?: string;
  config?: string;
}

/** Exit code of `--fail-on-leftovers` when the command itself went well. */
const LEFT_SOMETHING = 3;

/** `ebb exec -- <command>`: runs a command against an Ebb of its own, and says what it left behind. */
export function addExecCommand(program: Command): void {
  program
    .command("exec <command> [args...]")
    .description("run a command against a fresh Ebb, and show what it created and left behind")
    .option("--fail-on-leftovers", "exit with 3 if something is left or a delete has not finished")
    .option("--pace <value>", "how fast simulated things happen (default: instant)")
    .option("--config <file>", "settings file (default: ebb.yaml)")
    .passThroughOptions()
    .action(async (command: string, args: string[], flags: ExecFlags) => {
      process.exitCode = await exec([command, ...args], flags);
    });
}

/** Answers the exit code. */
async function exec(command: readonly string[], { failOnLeftovers, ...flags }: ExecFlags): Promise<number> {
  const { freshEbb } = await import("../testing/fresh.ts");
  const ebb = await freshEbb(flags, process.cwd());
  try {
    const code = await run(command, ebb.variables);
    const found = await runToRest(ebb.operator);
    process.stderr.write(report(found));
    if (code === 0 && failOnLeftovers === true && !isClean(found)) return LEFT_SOMETHING;
    return code;
  } finally {
    await ebb.close();
  }
}

/** The command's exit code; 128 and the signal's number when a signal ended it. Signals for Ebb are for the command too. */
async function run([command = "", ...args]: readonly string[], variables: Record<string, string>): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...variables } });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const passOn = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error) => reject(new CommandError(`${command} could not be run: ${error.message}`)));
      child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of signals) process.off(signal, passOn);
  }
}

/** What a person reads at the end; on stderr, so that the command's output stays its own. */
function report(found: Leftovers): string {
  const made = found.created.map(({ kind, count }) => `${count} ${kind}`).join(", ");
  const lines = [`ebb: created ${made || "nothing"}`];
  if (isClean(found)) lines.push("ebb: nothing is left");
  if (found.left.length > 0) {
    lines.push(`ebb: ${found.left_count} left behind`);
    const rows = found.left.map((one) => [one.kind, one.id, one.name, one.state, one.error?.reason]);
    lines.push(table(["KIND", "ID", "NAME", "STATE", "WHY"], rows));
  }
  if (found.unfinished.length > 0) {
    lines.push(`ebb: ${found.unfinished.length} not finished`);
    const rows = found.unfinished.map((one) => [one.kind, one.resource_id, one.verb, one.step]);
    lines.push(table(["KIND", "ID", "VERB", "STEP"], rows));
  }
  if (found.leaks.length > 0)
    lines.push(`ebb: ${found.leaks.length} leaked: ${found.leaks.map(({ ref }) => ref).join(", ")}`);
  return `${lines.join("\n")}\n`;
}
