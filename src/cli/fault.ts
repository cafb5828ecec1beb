import type { Command } from "commander";
import { type FaultFlags, faultBody } from "./fault-body.ts";
import { type FaultAnswer, heading, rowOf, sentence } from "./fault-text.ts";
import { addOperatorOptions, askOperator, type OperatorFlags, print, table } from "./operator.ts";

/** `ebb fault`: what goes wrong, where, and how often it has. */
export function addFaultCommands(program: Command): void {
  const fault = program.command("fault").description("let calls, steps and the answers for what is gone go wrong");
  addWhen(addAnswers(addPlaces(addOperatorOptions(fault.command("add")))))
    .description("add a fault: where, what, and when")
    .action(async (flags: FaultFlags) => {
      const { body } = await askOperator(flags, "POST", "/faults", faultBody(flags));
      print(flags, body, () => sentence(body as FaultAnswer));
    });
  addOperatorOptions(fault.command("list"))
    .description("show the faults, and how often each has fired")
    .option("--unused", "only those that never fired")
    .action(async (flags: OperatorFlags & { unused?: true }) => {
      const { body } = await askOperator(flags, "GET", flags.unused ? "/faults?unused=true" : "/faults");
      print(flags, body, () => said(body.faults as FaultAnswer[], flags.unused ? "every fault has fired" : "no fault"));
    });
  addOperatorOptions(fault.command("rm <id>"))
    .description("end a fault, and show its last counts")
    .action(async (id: string, flags: OperatorFlags) => {
      const { body } = await askOperator(flags, "DELETE", `/faults/${encodeURIComponent(id)}`);
      print(flags, body, () => said([body as FaultAnswer], ""));
    });
  addOperatorOptions(fault.command("clear"))
    .description("end all faults, and show their last counts")
    .action(async (flags: OperatorFlags) => {
      const { body } = await askOperator(flags, "DELETE", "/faults");
      print(flags, body, () => said(body.faults as FaultAnswer[], "no fault"));
    });
}

const said = (faults: readonly FaultAnswer[], none: string): string =>
  faults.length > 0 ? table(heading, faults.map(rowOf)) : none;

const addPlaces = (command: Command): Command =>
  command
    .option("--service <name>", "calls of this service")
    .option("--operation <name>", "calls of this operation, by the vendor's name")
    .option("--kind <name>", "steps of this kind, as fabric.endpoint")
    .option("--verb <name>", "steps of this verb, as delete")
    .option("--step <name>", "this step")
    .option("--resource <id>", "only this thing")
    .option("--tenant <id>", "only this project");

const addAnswers = (command: Command): Command =>
  command
    .option("--status <code>", "the call answers 400, 401, 403, 404, 408, 409, 429 or 500, as its service does")
    .option("--retry-after <seconds>", "with --status 429")
    .option("--slow <duration>", "the call is carried out so much later")
    .option("--reset", "the connection is reset, and the call not carried out")
    .option("--cut", "the call is carried out, and half of its answer comes")
    .option("--lost", "the call is carried out, and the connection reset")
    .option("--fails [times]", "the step fails, so many times")
    .option("--fails-for-good <reason>", "the step is refused for good")
    .option("--hangs", "the step's call is never answered")
    .option("--lost-answer", "the step is carried out, and its answer lost")
    .option("--refuses [duration]", "the world refuses the step, so long from the first time on")
    .option("--gone <answer>", "what is gone answers 404, coded-400, 403 or empty-list");

const addWhen = (command: Command): Command =>
  command
    .option("--first <count>", "only the first calls")
    .option("--every <count>", "only every so many calls")
    .option("--probability <share>", "only so many of the calls, from 0 to 1, with --seed")
    .option("--seed <number>", "what decides which ones")
    .option("--times <count>", "at most so often")
    .option("--for <duration>", "so long from the first time on, by Ebb's clock")
    .option("--until <time>", "until this time of Ebb's clock");
