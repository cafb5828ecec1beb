import { sayDuration } from "../wire/durations.ts";

/** A fault as Ebb's own API answers it. */
export interface FaultAnswer {
  id: string;
  on: "call" | "step" | "gone";
  answer: string | { status: number; retry_after_s?: number } | { slow_ms: number } | { fails_for_good: string };
  service?: string;
  operation?: string;
  kind?: string;
  verb?: string;
  step?: string;
  resource?: string;
  tenant?: string;
  first?: number;
  every?: number;
  probability?: number;
  seed?: number;
  times?: number;
  for_ms?: number;
  until?: string;
  calls: number;
  hits: number;
}

export const heading = ["ID", "WHERE", "WHAT", "WHEN", "CALLS", "FIRED"] as const;

export const rowOf = (one: FaultAnswer): (string | number)[] => [
  one.id,
  where(one),
  what(one),
  when(one),
  one.calls,
  one.hits === 0 ? "never" : one.hits,
];

export const sentence = (one: FaultAnswer): string =>
  `fault ${one.id}: ${where(one)}: ${what(one)}, ${when(one)}; "ebb fault rm ${one.id}" ends it`;

function where({ on, service, operation, kind, verb, step, resource, tenant }: FaultAnswer): string {
  const named = on === "step" ? [kind, verb, step] : [service, operation];
  const place = named.filter((name) => name !== undefined).join(" ");
  const only = [resource, tenant && `tenant ${tenant}`].filter((name) => name !== undefined).join(", ");
  const sort = { call: "call", step: "step", gone: "what is gone" }[on];
  return [sort, place, only && `(${only})`].filter(Boolean).join(" ");
}

function what({ answer }: FaultAnswer): string {
  if (typeof answer === "string") return answer;
  if ("slow_ms" in answer) return `slow by ${sayDuration(answer.slow_ms)}`;
  if ("fails_for_good" in answer) return `fails for good: ${answer.fails_for_good}`;
  return `status ${answer.status}`;
}

function when({ first, every, probability, seed, times, for_ms, until }: FaultAnswer): string {
  const parts = [
    first !== undefined && `first ${first}`,
    every !== undefined && `every ${every}`,
    probability !== undefined && `${probability} of the calls, seed ${seed}`,
    times !== undefined && `at most ${times} times`,
    for_ms !== undefined && `for ${sayDuration(for_ms)}`,
    until !== undefined && `until ${until}`,
  ];
  return parts.filter(Boolean).join(", ") || "every call";
}
