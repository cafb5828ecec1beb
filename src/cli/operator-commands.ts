import type { Command } from "commander";
import { addRm } from "./rm.ts";
import { addSnapshotCommands } from "./snapshot.ts";

/** The commands over Ebb's own API, each in a file of its own. */
const COMMANDS: readonly ((program: Command) => void)[] = [addSnapshotCommands, addRm];

export function addOperatorCommands(program: Command): void {
  for (const add of COMMANDS) add(program);
}
