import type { Command } from "commander";
import { addLeaks } from "./leaks.ts";
import { addReceipts } from "./receipts.ts";
import { addRm } from "./rm.ts";
import { addSkip } from "./skip.ts";
import { addSnapshotCommands } from "./snapshot.ts";

/** The commands over Ebb's own API, each in a file of its own. */
const COMMANDS: readonly ((program: Command) => void)[] = [addSnapshotCommands, addRm, addReceipts, addSkip, addLeaks];

export function addOperatorCommands(program: Command): void {
  for (const add of COMMANDS) add(program);
}
