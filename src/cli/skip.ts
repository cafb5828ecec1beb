import type { Command } from "commander";
import { addOperatorOptions, askOperator, type OperatorFlags, print } from "./operator.ts";

interface SkipFlags extends OperatorFlags {
  step: string;
  reason: string;
}

/** `ebb skip <operation> --step <name> --reason <text>` */
export function addSkip(program: Command): void {
  addOperatorOptions(program.command("skip"))
    .description("leave the current step of a delete undone; what it holds stays on the list of leaks")
    .argument("<operation>", "the delete's operation id")
    .requiredOption("--step <name>", "the step that it is at")
    .requiredOption("--reason <text>", "why, for the record")
    .action(skip);
}

async function skip(operation: string, flags: SkipFlags): Promise<void> {
  const { step, reason } = flags;
  const path = `/operations/${encodeURIComponent(operation)}/skip`;
  const { body } = await askOperator(flags, "POST", path, { step, reason });
  const goesOn = body.step === null ? `is ${body.state}` : `goes on with ${body.step}`;
  print(flags, body, () => `skipped ${step}: operation ${body.id} ${goesOn}; see ebb leaks`);
}
