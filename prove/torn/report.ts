import type { Verdict } from "./judge.ts";

/** What became of one damaged store. */
export interface Case {
  store: string;
  damage: string;
  verdict: Verdict;
  said: string;
}

const count = (cases: readonly Case[], verdict: Verdict) => cases.filter((one) => one.verdict === verdict).length;

/** By file and sort of damage: how often it was refused, recovered to the last state, to an earlier one, or neither. */
export function report(cases: readonly Case[]): string {
  const sorts = Map.groupBy(cases, ({ damage }) => sortOf(damage));
  const rows = [...sorts].map(([sort, some]) => {
    const figures = (["refused", "recovered", "short", "silent"] as const).map((one) =>
      String(count(some, one)).padStart(9),
    );
    return `${sort.padEnd(26)}${String(some.length).padStart(9)}${figures.join("")}`;
  });
  const head = `${"damage".padEnd(26)}${["times", "refused", "recovered", "short", "silent"].map((one) => one.padStart(9)).join("")}`;
  return [head, ...rows.toSorted()].join("\n");
}

function sortOf(damage: string): string {
  const file = damage.split(":")[0] ?? "";
  const what = ["cut", "flipped", "overwritten", "zeroed", "missing", "another time", "added", "behind"].find((one) =>
    damage.includes(one),
  );
  return what ? `${file}: ${what}` : damage;
}

export function summary(cases: readonly Case[], seeds: string): string {
  const damaged = cases.filter(({ damage }) => damage !== "none");
  const figures = {
    stores: cases.length - damaged.length,
    damages: damaged.length,
    refused: count(damaged, "refused"),
    recovered: count(damaged, "recovered"),
    recovered_short: count(damaged, "short"),
    silent: count(cases, "silent"),
    seed: seeds,
  };
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** The page of docs/proof. */
export function page(text: string, last: string, flags: readonly string[]): string {
  const command = ["npm run prove:torn --", ...flags].join(" ");
  return `# The torn tail

The promise: after the files of an embedded store were cut or changed, Ebb either starts on a state that was committed, and
says so when it is not the last one, or it does not start, and says what is damaged and what to do. It is never silently wrong.

Real work of every service runs in a process that is killed before or after a commit, at each stage of a checkpoint, or
closed in order. Each copy of its files gets one damage and is opened as a start would open it; what it shows is compared with the state that
was written down after each commit. \`short\` is an earlier state than the last, said aloud: the end of the log was damaged,
and the end of a log looks the same after a power cut.

\`\`\`console
$ ${command}
${text}
${last}
\`\`\`
`;
}
