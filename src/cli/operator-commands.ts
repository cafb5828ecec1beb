import type { Command } from "commander";
import { addSnapshotCommands } from "./snapshot.ts";

/** The commands over Ebb's own API, each in a file of its own. */
const COMMANDS: readonly ((program: Command) => void)[] = [addSnapshotCommands];

export function addOperatorCommands(program: Command): void {
  for (const add of COMMANDS) add(program);
}
