import type { Command } from "commander";
import { addOperatorOptions, askOperator, type OperatorFlags, print, table } from "./operator.ts";
import { queryOf } from "./query.ts";

interface OperationFlags extends OperatorFlags {
  tenant?: string;
  kind?: string;
  state?: string;
  verb?: string;
  resource?: string;
  olderThan?: string;
  youngerThan?: string;
  limit?: string;
  cursor?: string;
}

interface Answer {
  is: string;
  waiting_for?: string;
  reason?: string;
  proof?: string;
}

interface Listed {
  id: string;
  resource_id: string;
  kind: string;
  verb: string;
  state: string;
  step: string | null;
  steps_done: number;
  steps_total: number;
  tries: number | null;
  accepted_at: string;
}

interface Step {
  name: string;
  state: string;
  attempts: number;
  started_at: string | null;
  duration_ms: number | null;
  answer: Answer | null;
}

const said = (answer: Answer | null): string =>
  answer === null ? "" : (answer.waiting_for ?? answer.reason ?? answer.proof ?? answer.is);

/** `ebb ops` and `ebb op`: what Ebb does, and how far it is. */
export function addOperationCommands(program: Command): void {
  addOperatorOptions(program.command("ops"))
    .description("list operations, newest first")
    .option("--tenant <project>", "only of this project")
    .option("--kind <kind>", "only of this kind, such as clouddc.instance")
    .option("--state <state>", "running, done, failed or aborted")
    .option("--verb <verb>", "only of this verb, such as delete")
    .option("--resource <id>", "only of this resource")
    .option("--older-than <age>", "accepted at least so long ago, such as 30m")
    .option("--younger-than <age>", "accepted at most so long ago")
    .option("--limit <n>", "at most so many (default: 100)")
    .option("--cursor <cursor>", "go on where an earlier list ended")
    .action(list);
  addOperatorOptions(program.command("op <id>"))
    .description("show an operation, with each step of its plan")
    .action(show);
}

async function list(flags: OperationFlags): Promise<void> {
  const { tenant, kind, state, verb, resource: resource_id, limit, cursor } = flags;
  const ages = { older_than: flags.olderThan, younger_than: flags.youngerThan };
  const query = queryOf({ tenant, kind, state, verb, resource_id, ...ages, limit, cursor });
  const { body } = await askOperator(flags, "GET", `/operations${query}`);
  const rows = (body.operations as Listed[]).map((one) => [
    one.accepted_at,
    one.id,
    one.kind,
    one.verb,
    one.state,
    `${one.steps_done}/${one.steps_total}`,
    one.state === "done" ? "" : one.step,
    one.tries,
    one.resource_id,
  ]);
  const heading = ["ACCEPTED", "OPERATION", "KIND", "VERB", "STATE", "STEPS", "STEP", "TRIES", "RESOURCE"];
  const more = body.next === null ? "" : `\nthere are more: --cursor ${body.next}`;
  print(flags, body, () => (rows.length > 0 ? table(heading, rows) + more : "no operation"));
}

async function show(id: string, flags: OperatorFlags): Promise<void> {
  const { body } = await askOperator(flags, "GET", `/operations/${encodeURIComponent(id)}`);
  const rows = (body.steps as Step[]).map((one) => [
    one.name,
    one.state,
    one.attempts,
    one.started_at,
    one.duration_ms === null ? null : `${one.duration_ms / 1000}s`,
    said(one.answer),
  ]);
  const about = `${body.verb} of ${body.kind} ${body.resource_id}: ${body.state}, accepted ${body.accepted_at}`;
  const steps = rows.length > 0 ? table(["STEP", "STATE", "TRIES", "STARTED", "TOOK", "ANSWER"], rows) : "no step";
  print(flags, body, () => `${about}\n${steps}`);
}
