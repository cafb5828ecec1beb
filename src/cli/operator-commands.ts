import type { Command } from "commander";
import { addClock } from "./clock.ts";
import { addEventsCommand } from "./events.ts";
import { addExecCommand } from "./exec.ts";
import { addFaultCommands } from "./fault.ts";
import { addLeaks } from "./leaks.ts";
import { addOperationCommands } from "./ops.ts";
import { addPace } from "./pace.ts";
import { addReceipts } from "./receipts.ts";
import { addRequestsCommand } from "./requests.ts";
import { addRm } from "./rm.ts";
import { addSkip } from "./skip.ts";
import { addSnapshotCommands } from "./snapshot.ts";
import { addWhyCommand } from "./why.ts";

/** The commands over Ebb's own API, each in a file of its own. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addExecCommand,
  addOperationCommands,
  addWhyCommand,
  addEventsCommand,
  addRm,
  addReceipts,
  addSkip,
  addLeaks,
  addClock,
  addPace,
  addFaultCommands,
  addRequestsCommand,
  addSnapshotCommands,
];

export function addOperatorCommands(program: Command): void {
  for (const add of COMMANDS) add(program);
}
