import { Argument, type Command } from "commander";
import { DURATION_FORM, durationMs, sayDuration } from "../wire/durations.ts";
import { UsageError } from "./errors.ts";
import { addOperatorOptions, askOperator, type OperatorFlags, print } from "./operator.ts";

interface Due {
  in_ms: number;
  operation_id: string | null;
  resource_id: string;
  kind: string;
  verb: string;
  step: string | null;
}

interface ClockAnswer {
  now: string;
  frozen: boolean;
  ahead_ms: number;
  next: Due | null;
  under_way: Due[];
  advanced_ms?: number;
  stops?: number;
}

type Flags = OperatorFlags & { to?: string };

const EXAMPLES = `
Examples:
  ebb clock                      the time, and what falls due next
  ebb clock advance 30m          let half an hour pass, with all that falls due in it
  ebb clock advance --to next    go to the next thing that falls due
  ebb clock advance --to 2026-01-05T08:30:00Z
  ebb clock freeze               let time stand still
  ebb clock resume               let it go on from there`;

export function addClock(program: Command): void {
  addOperatorOptions(program.command("clock"))
    .description("show the virtual time, move it forward, freeze it and let it go on")
    .addArgument(
      new Argument("[action]", "what to do").choices(["show", "advance", "freeze", "resume"]).default("show"),
    )
    .addArgument(new Argument("[by]", `how far to advance: ${DURATION_FORM}`))
    .option("--to <time>", 'advance to "next", the next thing that falls due, or to a time')
    .addHelpText("after", EXAMPLES)
    .action(clock);
}

async function clock(action: string, by: string | undefined, flags: Flags): Promise<void> {
  if (action !== "advance" && (by !== undefined || flags.to !== undefined))
    throw new UsageError(`${action} takes no time: only advance does`);
  const answer = await askOperator(
    flags,
    action === "show" ? "GET" : "POST",
    action === "show" ? "/clock" : `/clock/${action}`,
    action === "advance" ? distance(by, flags.to) : undefined,
  );
  print(flags, answer.body, () => say(answer.body as ClockAnswer));
}

function distance(by: string | undefined, to: string | undefined): object {
  if ((by === undefined) === (to === undefined))
    throw new UsageError("advance needs either how far (30m) or --to (next, or a time)");
  if (by !== undefined && durationMs(by) === undefined)
    throw new UsageError(`${by} is no duration: write it as ${DURATION_FORM}`);
  return by === undefined ? { to } : { by };
}

const sayDue = ({ kind, resource_id, verb, step }: Due): string =>
  `${step === null ? "the alarm" : step} of ${verb} of ${kind} ${resource_id}`;

function say({ now, frozen, ahead_ms, next, under_way, advanced_ms, stops }: ClockAnswer): string {
  const shift =
    ahead_ms === 0
      ? "with the machine's clock"
      : `${sayDuration(Math.abs(ahead_ms))} ${ahead_ms > 0 ? "ahead" : "behind"}`;
  return [
    ...(advanced_ms === undefined
      ? []
      : [`${sayDuration(advanced_ms)} passed, with ${stops} ${stops === 1 ? "stop" : "stops"}`]),
    `${now}  ${frozen ? "frozen" : "running"}, ${shift}`,
    next ? `next: in ${sayDuration(next.in_ms)}, ${sayDue(next)}` : "next: nothing falls due",
    ...under_way.map((due) => `under way: ${sayDue(due)}`),
  ].join("\n");
}
