import { DURATION_FORM, durationMs } from "../wire/durations.ts";
import { UsageError } from "./errors.ts";
import type { OperatorFlags } from "./operator.ts";

/** The options of `ebb fault add`, as they are written. An option that stands alone is `true`. */
export interface FaultFlags extends OperatorFlags {
  service?: string;
  operation?: string;
  kind?: string;
  verb?: string;
  step?: string;
  resource?: string;
  tenant?: string;
  status?: string;
  retryAfter?: string;
  slow?: string;
  reset?: boolean;
  cut?: boolean;
  lost?: boolean;
  fails?: string | boolean;
  failsForGood?: string;
  hangs?: boolean;
  lostAnswer?: boolean;
  refuses?: string | boolean;
  gone?: string;
  first?: string;
  every?: string;
  probability?: string;
  seed?: string;
  times?: string;
  for?: string;
  until?: string;
}

type Answer = { on: "call" | "step" | "gone"; answer: unknown; first?: number; for_ms?: number };

/** What each option of an answer means. */
const ANSWERS: Readonly<Partial<Record<keyof FaultFlags, (flags: FaultFlags) => Answer>>> = {
  status: ({ status, retryAfter }) => ({
    on: "call",
    answer: { status: number("--status", status), retry_after_s: number("--retry-after", retryAfter) },
  }),
  slow: ({ slow }) => ({ on: "call", answer: { slow_ms: span("--slow", slow) } }),
  reset: () => ({ on: "call", answer: "reset" }),
  cut: () => ({ on: "call", answer: "cut" }),
  lost: () => ({ on: "call", answer: "lost" }),
  fails: ({ fails }) => ({
    on: "step",
    answer: "fails",
    first: typeof fails === "string" ? number("--fails", fails) : undefined,
  }),
  failsForGood: ({ failsForGood }) => ({ on: "step", answer: { fails_for_good: failsForGood } }),
  hangs: () => ({ on: "step", answer: "hangs" }),
  lostAnswer: () => ({ on: "step", answer: "lost-answer" }),
  refuses: ({ refuses }) => ({
    on: "step",
    answer: "refuses",
    for_ms: typeof refuses === "string" ? span("--refuses", refuses) : undefined,
  }),
  gone: ({ gone }) => ({ on: "gone", answer: gone }),
};

const NAMES =
  "--status, --slow, --reset, --cut, --lost, --fails, --fails-for-good, --hangs, --lost-answer, --refuses or --gone";

/** The body of the request that the options ask for. @throws UsageError */
export function faultBody(flags: FaultFlags): object {
  const given = (Object.keys(ANSWERS) as (keyof FaultFlags)[]).filter((name) => flags[name] !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) throw new UsageError(`say what goes wrong with one of ${NAMES}`);
  if (flags.retryAfter !== undefined && name !== "status") throw new UsageError("--retry-after goes with --status 429");
  const { first, for_ms, ...answer } = ANSWERS[name]?.(flags) ?? {};
  if (first !== undefined && flags.first !== undefined)
    throw new UsageError("--fails 3 and --first contradict each other");
  if (for_ms !== undefined && flags.for !== undefined)
    throw new UsageError("--refuses 2m and --for contradict each other");
  const { service, operation, kind, verb, step, resource, tenant, until } = flags;
  return {
    ...answer,
    service,
    operation,
    kind,
    verb,
    step,
    resource,
    tenant,
    until,
    first: first ?? number("--first", flags.first),
    every: number("--every", flags.every),
    probability: number("--probability", flags.probability),
    seed: number("--seed", flags.seed),
    times: number("--times", flags.times),
    for_ms: for_ms ?? span("--for", flags.for),
  };
}

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(text)) throw new UsageError(`${option} ${text} is no number`);
  return Number(text);
}

function span(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms === undefined) throw new UsageError(`${option} ${text} is no duration: write it as ${DURATION_FORM}`);
  return ms;
}
