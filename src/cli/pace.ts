import type { Command } from "commander";
import { DURATION_FORM, durationMs, sayDuration } from "../wire/durations.ts";
import { CommandError, UsageError } from "./errors.ts";
import { addOperatorOptions, askOperator, type OperatorFlags, print, table } from "./operator.ts";

interface Pace {
  kind: string;
  mode: "default" | "immediate" | "duration" | "polls";
  ms?: number;
  polls?: number;
  applies_to?: string;
}

const EXAMPLES = `
Examples:
  ebb pace                            every kind with its pace
  ebb pace fabric.instance immediate  what happens to service instances takes no time
  ebb pace fabric.instance 20m        each change takes twenty virtual minutes
  ebb pace fabric.instance 3polls     each change is over when a client has asked three times
  ebb pace fabric.instance default    back to the setting`;

export function addPace(program: Command): void {
  addOperatorOptions(program.command("pace"))
    .description("show or set how long the simulated changes of a kind's resources take")
    .argument("[kind]", "such as fabric.instance")
    .argument("[pace]", `immediate, a duration (${DURATION_FORM}), so many polls (3polls), or default`)
    .addHelpText("after", EXAMPLES)
    .action(pace);
}

async function pace(kind: string | undefined, wanted: string | undefined, flags: OperatorFlags): Promise<void> {
  if (kind === undefined || wanted === undefined) return show(kind, flags);
  const path = `/paces/${encodeURIComponent(kind)}`;
  const { body } =
    wanted === "default"
      ? await askOperator(flags, "DELETE", path)
      : await askOperator(flags, "PUT", path, bodyOf(wanted));
  print(flags, body, () => `${kind}: ${say(body as Pace)}, for ${(body as Pace).applies_to}`);
}

async function show(kind: string | undefined, flags: OperatorFlags): Promise<void> {
  const { body } = await askOperator(flags, "GET", "/paces");
  const { setting, paces } = body as { setting: string; paces: Pace[] };
  const shown = paces.filter((one) => kind === undefined || one.kind === kind);
  if (shown.length === 0)
    throw new CommandError(`there is no kind ${kind}: there are ${paces.map((one) => one.kind).join(", ")}`);
  print(flags, { ...body, paces: shown }, () =>
    table(
      ["KIND", "PACE"],
      shown.map((one) => [one.kind, one.mode === "default" ? `default (${setting})` : say(one)]),
    ),
  );
}

function bodyOf(wanted: string): object {
  if (wanted === "immediate") return { mode: "immediate" };
  const polls = /^(\d{1,5}) ?polls?$/.exec(wanted)?.[1];
  if (polls !== undefined) return { mode: "polls", polls: Number(polls) };
  if (durationMs(wanted) !== undefined) return { mode: "duration", by: wanted };
  throw new UsageError(`${wanted} is no pace: immediate, a duration such as 20m, 3polls, or default`);
}

function say({ mode, ms, polls }: Pace): string {
  if (mode === "duration") return `${sayDuration(ms ?? 0)} a change`;
  if (mode === "polls") return `${polls} ${polls === 1 ? "poll" : "polls"} a change`;
  return mode;
}
