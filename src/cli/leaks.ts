import type { Command } from "commander";
import { addOperatorOptions, askOperator, type OperatorFlags, print, table } from "./operator.ts";

const LEAKING = 3;
const AT_ONCE = 1_000;

interface LeakFlags extends OperatorFlags {
  tenant?: string;
}

interface Leak {
  why: string;
  domain: string;
  ref: string;
  since: string | null;
  reason: string;
  tenant: string | null;
  clear: { command: string };
}

interface Started {
  refs: string[];
  operation_id?: string;
  again?: boolean;
  refused?: { message: string; hint?: string };
}

interface Unseen {
  domain: string;
  reason: string;
}

/** `ebb leaks [list]` changes nothing and ends with 3 when there are any; `ebb leaks reclaim [ref...]`. */
export function addLeaks(program: Command): void {
  const command = program.command("leaks").description("real things that nobody is taking away");
  addOperatorOptions(command.command("list", { isDefault: true }))
    .description("list them; exit code 3 when there are any")
    .option("--tenant <id>", "only of this project")
    .action(list);
  addOperatorOptions(command.command("reclaim"))
    .description("start taking them away: all, or those named")
    .argument("[ref...]", "what a thing is called in the world")
    .option("--tenant <id>", "only of this project")
    .action(reclaim);
}

async function list(flags: LeakFlags): Promise<void> {
  const leaks: Leak[] = [];
  let unseen: Unseen[] = [];
  let after: number | null = 0;
  do {
    const tenant = flags.tenant === undefined ? "" : `&tenant=${encodeURIComponent(flags.tenant)}`;
    const { body } = await askOperator(flags, "GET", `/leaks?limit=${AT_ONCE}&after=${after}${tenant}`);
    leaks.push(...(body.leaks as Leak[]));
    unseen = body.unseen as Unseen[];
    after = body.next as number | null;
  } while (after !== null);
  print(flags, { leaks, unseen }, () => say(leaks));
  for (const { domain, reason } of unseen)
    process.stderr.write(`ebb: the driver of ${domain} cannot say what there is: ${reason}\n`);
  if (leaks.length > 0) process.exitCode = LEAKING;
  else if (unseen.length > 0) process.exitCode = 1;
}

function say(leaks: readonly Leak[]): string {
  if (leaks.length === 0) return "no leaks";
  const rows = leaks.map((one) => [one.why, one.domain, one.ref, one.tenant, one.since, one.reason, one.clear.command]);
  return table(["WHY", "DOMAIN", "REF", "TENANT", "SINCE", "REASON", "CLEARED BY"], rows);
}

async function reclaim(refs: string[], flags: LeakFlags): Promise<void> {
  const { tenant } = flags;
  const asked = { ...(refs.length > 0 ? { refs } : {}), ...(tenant === undefined ? {} : { tenant }) };
  const { body } = await askOperator(flags, "POST", "/leaks/reclaim", asked);
  const started = body.reclaimed as Started[];
  print(flags, body, () => {
    if (started.length === 0) return "no leaks";
    const lines = started.map((one) => {
      if (one.refused) return `not reclaimed: ${one.refs.join(", ")}: ${one.refused.message}`;
      return `${one.again ? "already reclaiming" : "reclaiming"} ${one.refs.join(", ")}: operation ${one.operation_id}`;
    });
    return [...lines, ...(body.more ? ["there are more: run this again"] : [])].join("\n");
  });
  if (started.some((one) => one.refused)) process.exitCode = 1;
}
