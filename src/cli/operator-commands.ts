import type { Command } from "commander";

/** The commands over Ebb's own API, each in a file of its own. */
const COMMANDS: readonly ((program: Command) => void)[] = [];

export function addOperatorCommands(program: Command): void {
  for (const add of COMMANDS) add(program);
}
