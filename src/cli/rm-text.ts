/** What `ebb rm` reads of the answers of Ebb's own API. */
interface Thing {
  id: string;
  kind: string;
  name: string;
  state: string | null;
}

export interface RefusalBody extends Thing {
  message: string;
  hint: string;
}

export interface RehearsalBody {
  could_go: boolean;
  stages: readonly (readonly (Thing & { takes_along: readonly Thing[]; joined: boolean })[])[];
  refusals: readonly RefusalBody[];
  releases: readonly { id: string; holdings: readonly { ref: string; domain: string }[] }[];
  stays: readonly Thing[];
  already_gone: readonly Thing[];
}

export interface TeardownBody {
  id: string;
  state: string;
  items: number;
  again?: boolean;
  counts: Record<"gone" | "deleting" | "waiting" | "ready" | "failed" | "frozen", number>;
  answer: { is?: string; reason?: string; hint?: string } | null;
}

const named = ({ kind, id, name, state }: Thing) => `${kind} ${id} (${name}, ${state})`;

const counted = (things: readonly Thing[]): string =>
  [...Map.groupBy(things, (one) => one.kind)].map(([kind, some]) => `${some.length} ${kind}`).join(", ");

/** A plan, stage by stage. */
export function planText({ stages, refusals, releases, stays, already_gone: gone, could_go }: RehearsalBody): string {
  const lines = stages.flatMap((items, stage) => [
    `stage ${stage + 1}:`,
    ...items.map((item) => {
      const along = item.takes_along.length > 0 ? `, takes along ${counted(item.takes_along)}` : "";
      return `  ${named(item)}${along}${item.joined ? ", is being deleted already" : ""}`;
    }),
  ]);
  if (releases.length > 0) lines.push("would release:");
  for (const { holdings } of releases) lines.push(...holdings.map(({ ref, domain }) => `  ${domain} ${ref}`));
  if (stays.length > 0) lines.push(`stays: ${counted(stays)}`);
  lines.push(...gone.map((one) => `already gone: ${one.kind} ${one.id}`));
  if (refusals.length > 0) lines.push(refusalsText(refusals));
  const total = stages.flat().length;
  lines.push(could_go ? `all ${total} deletes could go` : `${refusals.length} of ${total} deletes would be refused`);
  return lines.join("\n");
}

export function refusalsText(refusals: readonly RefusalBody[]): string {
  return ["refused:", ...refusals.map((one) => `  ${one.message}: ${one.hint}`)].join("\n");
}

/** How far a teardown is, in a line. */
export function progressText({ id, state, items, counts, answer }: TeardownBody): string {
  const rest = (["deleting", "ready", "waiting", "failed", "frozen"] as const)
    .filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${standing}`);
  const why = state !== "DONE" && answer?.is === "refused" ? `: ${answer.reason}: ${answer.hint}` : "";
  return `teardown ${id} ${state}: ${[`${counts.gone} of ${items} gone`, ...rest].join(", ")}${why}`;
}
