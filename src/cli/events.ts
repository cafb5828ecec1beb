import type { Command } from "commander";
import { CommandError } from "./errors.ts";
import { addOperatorOptions, askOperator, type OperatorFlags, openOperator } from "./operator.ts";
import { queryOf } from "./query.ts";

interface EventFlags extends OperatorFlags {
  resource?: string;
  operation?: string;
  tenant?: string;
  type?: string;
  after?: string;
  limit?: string;
  follow?: boolean;
}

interface Event {
  seq: number;
  at: string;
  type: string;
  resource_id: string;
  operation_id: string | null;
  data: Record<string, unknown>;
}

/** `ebb events`: what happened, and with `--follow` what happens. */
export function addEventsCommand(program: Command): void {
  addOperatorOptions(program.command("events"))
    .description("show the last events, a line each; with --json an object a line")
    .option("--resource <id>", "only of this resource")
    .option("--operation <id>", "only of this operation")
    .option("--tenant <project>", "only of this project")
    .option("--type <type>", "only of this type, such as state or step-done")
    .option("--after <seq>", "what happened after this event, instead of the last ones")
    .option("--limit <n>", "at most so many (default: 100)")
    .option("--follow", "go on with what happens, until it is interrupted")
    .action(events);
}

async function events(flags: EventFlags): Promise<void> {
  const { resource: resource_id, operation: operation_id, tenant, type, after, limit } = flags;
  const filter = { resource_id, operation_id, tenant, type };
  const tail = after === undefined ? true : undefined;
  const query = queryOf({ ...filter, after, limit, tail });
  const { body } = await askOperator(flags, "GET", `/events${query}`);
  for (const one of body.events as Event[]) say(flags, one);
  if (flags.follow !== true) return;
  for (let from: number | undefined = Number(body.next ?? body.up_to); from !== undefined; )
    from = await follow(flags, filter, from);
}

function say(flags: EventFlags, one: Event): void {
  if (flags.json === true) return void process.stdout.write(`${JSON.stringify(one)}\n`);
  const data = Object.entries(one.data).map(([name, value]) => `${name}=${text(value)}`);
  process.stdout.write(`${[one.seq, one.at, one.resource_id, one.type, ...data].join("  ")}\n`);
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Says what happens until the stream ends. Answers where to go on, if the events begin anew. */
async function follow(
  flags: EventFlags,
  filter: Record<string, string | undefined>,
  after: number,
): Promise<number | undefined> {
  const response = await openOperator(flags, "GET", `/events/stream${queryOf({ ...filter, after: String(after) })}`);
  if (!response.ok || !response.body)
    throw new CommandError(`Ebb answered ${response.status}: ${await response.text()}`);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        if (/^event: reset$/m.test(block)) return 0;
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) say(flags, JSON.parse(data) as Event);
      }
    }
  } catch {
    throw new CommandError("the stream was cut off: ask again with --after and the last number");
  }
  return undefined;
}
