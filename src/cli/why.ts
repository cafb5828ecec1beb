import type { Command } from "commander";
import { addOperatorOptions, askOperator, type OperatorFlags, print } from "./operator.ts";

interface Why {
  summary: string;
  is: string;
  operation: string | null;
  owner: string | null;
  since: string;
  since_ms: number;
  tries: number;
  next_try_at: string | null;
  next_try_in_ms: number | null;
  unblock: { say: string; cli: string | null; call: { method: string; path: string; body: object } | null } | null;
  receipt: string | null;
  because: Why[];
}

/** `ebb why`: what keeps a thing from its end, whose move is next, and the call that makes it go on. */
export function addWhyCommand(program: Command): void {
  addOperatorOptions(program.command("why <id>"))
    .description("say why a resource (or an operation's) is where it is, and what makes it go on")
    .action(async (id: string, flags: OperatorFlags) => {
      const { body } = await askOperator(flags, "GET", `/resources/${encodeURIComponent(id)}/why`);
      print(flags, body, () => sayWhy(body as Why));
    });
}

function sayWhy(why: Why): string {
  const { unblock } = why;
  const lines: [string, string | null][] = [
    ["operation", why.operation],
    ["next move", why.owner],
    ["since", `${why.since} (${why.since_ms / 1000}s)`],
    ["tries", why.tries > 0 ? String(why.tries) : null],
    ["next try", why.next_try_at && `${why.next_try_at} (in ${(why.next_try_in_ms ?? 0) / 1000}s)`],
    ["receipt", why.receipt],
    ["to do", unblock && unblock.say],
    ["command", unblock && unblock.cli],
    [
      "or call",
      unblock?.call ? `${unblock.call.method} ${unblock.call.path} ${JSON.stringify(unblock.call.body)}` : null,
    ],
  ];
  const said = lines.flatMap(([name, text]) => (text === null ? [] : `  ${`${name}:`.padEnd(11)}${text}`));
  return [why.summary, ...said, ...causes(why.because, "  ")].join("\n");
}

/** What it waits for, each one level further in. */
const causes = (because: readonly Why[], indent: string): string[] =>
  because.flatMap((one) => [`${indent}because ${one.summary}`, ...causes(one.because, `${indent}  `)]);
