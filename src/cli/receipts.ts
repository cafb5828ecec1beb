import type { Command } from "commander";
import { addOperatorOptions, askOperator, type OperatorFlags, print, table } from "./operator.ts";

const BROKEN = 3;

interface ListFlags extends OperatorFlags {
  tenant?: string;
  resource?: string;
  after?: string;
  limit?: string;
}

interface HeldOnce {
  ref: string;
  domain: string;
  taken_at: string;
  released_at: string | null;
  released_step: string | null;
  proof: string | null;
  skipped: { step: string; reason: string; at: string } | null;
}

interface Receipt {
  seq: number;
  hash: string;
  body: {
    type: string;
    operation_id: string;
    resource: { id: string; kind: string; name: string; tenant: string };
    verb: string;
    accepted_at: string;
    finished_at: string;
    request_id: string;
    holdings: HeldOnce[];
  };
}

/** `ebb receipts <operation>`, `ebb receipts list`, `ebb receipts verify` (3 when the chain is broken). */
export function addReceipts(program: Command): void {
  const command = program.command("receipts").description("what finished deletes have released, and the proof");
  addOperatorOptions(command.command("show", { isDefault: true }))
    .description("show the receipt of a delete")
    .argument("<operation>", "the delete's operation id")
    .action(show);
  addOperatorOptions(command.command("list"))
    .description("list receipts in the order of their chain")
    .option("--tenant <id>", "only of this project")
    .option("--resource <id>", "only of this resource")
    .option("--after <seq>", "only those after this place in the chain")
    .option("--limit <n>", "at most so many (default: 100)")
    .action(list);
  addOperatorOptions(command.command("verify"))
    .description("check the whole chain; exit code 3 when it is broken")
    .action(verify);
}

function heldLine({ ref, taken_at, released_at, released_step, proof, skipped }: HeldOnce): string {
  const end =
    released_at !== null
      ? `released ${released_at} by step ${released_step}: ${proof}`
      : `NOT RELEASED: step ${skipped?.step} was skipped: ${skipped?.reason}`;
  return `  ${ref}\n    taken ${taken_at}, ${end}`;
}

function say({ seq, hash, body }: Receipt): string {
  const { id, kind, name, tenant } = body.resource;
  const lines = [
    `receipt ${seq} of operation ${body.operation_id} (${body.type})`,
    `${body.verb} of ${kind} ${id} (${name}) of ${tenant}`,
    `accepted ${body.accepted_at}, finished ${body.finished_at}, request ${body.request_id}`,
    ...(body.holdings.length === 0 ? ["  nothing was held"] : body.holdings.map(heldLine)),
    `hash ${hash}`,
  ];
  return lines.join("\n");
}

async function show(operation: string, flags: OperatorFlags): Promise<void> {
  const { body } = await askOperator(flags, "GET", `/receipts/${encodeURIComponent(operation)}`);
  print(flags, body, () => [body.receipt as Receipt, ...(body.later as Receipt[])].map(say).join("\n\n"));
}

async function list(flags: ListFlags): Promise<void> {
  const asked = { tenant: flags.tenant, resource_id: flags.resource, after: flags.after, limit: flags.limit };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value);
  const { body } = await askOperator(flags, "GET", `/receipts?${query.toString()}`);
  print(flags, body, () => {
    const rows = (body.receipts as Receipt[]).map(({ seq, body: one }) => [
      seq,
      one.type,
      one.operation_id,
      one.resource.kind,
      one.resource.id,
      one.finished_at,
      one.holdings.length,
    ]);
    const more = body.next === null ? "" : `\nmore: --after ${body.next}`;
    return table(["SEQ", "TYPE", "OPERATION", "KIND", "RESOURCE", "FINISHED", "HELD"], rows) + more;
  });
}

async function verify(flags: OperatorFlags): Promise<void> {
  const { body } = await askOperator(flags, "GET", "/receipts/verify");
  print(flags, body, () =>
    body.whole
      ? `whole: ${body.count} receipts${body.count > 0 ? `, ${body.first} to ${body.last}` : ""}, head ${body.head_hash}`
      : `BROKEN at receipt ${body.seq}: ${body.wrong}`,
  );
  if (!body.whole) process.exitCode = BROKEN;
}
