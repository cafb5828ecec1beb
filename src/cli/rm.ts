import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { OperatorError } from "../testing/operator-client.ts";
import { CommandError, UsageError } from "./errors.ts";
import { addOperatorOptions, askOperator, type OperatorFlags, print } from "./operator.ts";
import {
  planText,
  progressText,
  type RefusalBody,
  type RehearsalBody,
  refusalsText,
  type TeardownBody,
} from "./rm-text.ts";

interface RmFlags extends OperatorFlags {
  project?: string;
  dryRun?: boolean;
  cascade?: boolean;
  wait?: boolean;
}

/** Exit codes beside 0: something would be, or was, refused; the teardown has come to a stand. */
const REFUSED = 3;
const STANDS = 4;

const LOOK_EVERY_MS = 200;
/** So many looks in a row in which nothing is being deleted and something is in the way. */
const STILL_LOOKS = 5;

export function addRm(program: Command): void {
  addOperatorOptions(program.command("rm [ids...]"))
    .description("delete things, or all of a project, in order; exits with 3 when refused")
    .option("--project <id>", "everything in this project")
    .option("--dry-run", "print the plan with everything inside, and change nothing")
    .option("--cascade", "delete everything inside, too")
    .option("--wait", "follow it until all is gone; exits with 4 when it comes to a stand")
    .action(rm);
}

async function rm(ids: string[], flags: RmFlags): Promise<void> {
  const asked = askedBy(ids, flags);
  if (flags.dryRun === true) return rehearse(asked, flags);
  const started = await start(asked, flags);
  if (!started) return;
  if (flags.json !== true) process.stdout.write(`${progressText(started)}\n`);
  const ended = flags.wait === true ? await follow(started, flags) : started;
  if (flags.json === true) print(flags, ended, () => "");
}

function askedBy(ids: readonly string[], { project, dryRun, cascade, wait }: RmFlags): object {
  if (ids.length > 0 === (project !== undefined)) throw new UsageError("name either ids or a --project");
  if (dryRun === true && wait === true) throw new UsageError("a --dry-run has nothing to --wait for");
  if (project === undefined) return { ids, inside: dryRun === true || cascade === true };
  if (dryRun !== true && cascade !== true)
    throw new UsageError("a project goes with everything inside: add --cascade, or --dry-run to see what that is");
  return { project };
}

async function rehearse(asked: object, flags: RmFlags): Promise<void> {
  const { body } = await askOperator(flags, "POST", "/rehearsals", asked);
  const plan = body as RehearsalBody;
  print(flags, plan, () => planText(plan));
  if (!plan.could_go) process.exitCode = REFUSED;
}

/** Undefined, and the exit code set, when it was refused. */
async function start(asked: object, flags: RmFlags): Promise<TeardownBody | undefined> {
  try {
    return (await askOperator(flags, "POST", "/teardowns", asked)).body as TeardownBody;
  } catch (error) {
    const said = error instanceof CommandError && error.cause instanceof OperatorError ? error.cause.error : {};
    if (!Array.isArray(said.refusals)) throw error;
    const refusals = said.refusals as RefusalBody[];
    print(flags, { error: said }, () => `${refusalsText(refusals)}\nnothing was changed`);
    process.exitCode = REFUSED;
    return undefined;
  }
}

/** Prints each change of how far it is, until all is gone or nothing moves any more. */
async function follow(started: TeardownBody, flags: RmFlags): Promise<TeardownBody> {
  let seen = started;
  for (let still = 0; seen.state !== "DONE"; ) {
    await sleep(LOOK_EVERY_MS);
    const next = (await askOperator(flags, "GET", `/teardowns/${started.id}`)).body as TeardownBody;
    if (flags.json !== true && progressText(next) !== progressText(seen))
      process.stdout.write(`${progressText(next)}\n`);
    seen = next;
    still = stands(next) ? still + 1 : 0;
    if (still === STILL_LOOKS) {
      process.exitCode = STANDS;
      break;
    }
  }
  return seen;
}

const stands = ({ state, counts, answer }: TeardownBody): boolean =>
  state === "STOPPED" || (counts.deleting === 0 && answer?.is === "refused");
