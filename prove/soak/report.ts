import type { Asked, Figures } from "./soak.ts";

const lineOf = (figures: Readonly<Record<string, string | number>>): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const mb = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

export const summary = (figures: Figures, { months, seed }: Asked): string =>
  lineOf({
    deletes: figures.deletes,
    months,
    failed_for_good: figures.failedForGood,
    aborted: figures.aborted,
    skipped: figures.skipped,
    reclaimed: figures.reclaimed,
    faults_struck: figures.faultHits,
    scans: figures.scans,
    scans_found: figures.scanFound,
    chains_verified: figures.chainsVerified,
    left_rows: figures.leftRows.length,
    leaked: figures.leaked.length,
    heap_mb: mb(figures.heapLast),
    heap_growth_pct: figures.heapGrowth.toFixed(1),
    resident_growth_pct: figures.residentGrowth.toFixed(1),
    file_most_mb: mb(figures.fileMost),
    file_growth_pct: figures.fileGrowth.toFixed(1),
    deletes_per_s: Math.round(figures.deletes / figures.seconds),
    seed,
  });

/** The page of docs/proof. */
export function page({ virtualMs, waves }: Figures, last: string, flags: readonly string[]): string {
  const command = ["npm run prove:soak --", ...flags].join(" ");
  const days = Math.round(virtualMs / 86_400_000);
  return `# The soak

The promise: 24 months of virtual time and a million deletes, with faults in force, leave nothing behind. Every delete ends;
every table of the store has the rows it began with and no others; the world has nothing that carries Ebb's mark; the chain
of receipts verifies; and memory is flat within 5 %.

One process, no listener: the kernel with every service's kinds on the embedded store, over the simulated world at its own
pace. This run passed ${days} virtual days in ${waves} waves. In each wave one of everything is created, many times over, and
deleted, some of it in the middle of its creation; at most places where the world is called a fault of a sort that
changes from wave to wave is in force: calls that fail, whose answers are lost, that hang, that are refused for two minutes, and
that are refused for good, after which the delete is asked for again. Some steps are skipped, and what they leave is
reclaimed. A scan runs each virtual day, and what has been gone for 24 hours leaves the store.

What is compared at the end is every row of every table, with what it was after a first wave: servers live through the run,
and the newest event of each type is kept of what lives. Only the end of the receipts' chain, the kept clock, and the times
and words of the servers' last changes go on. Of things that are unmade the simulated world keeps the last fences, until its next change.
Memory is the heap after two full collections at the end of each wave: the last quarter of the run against the second,
by their medians. The store lies in memory where the machine has /dev/shm, with the same settings as any other.

\`\`\`console
$ ${command}
${last}
\`\`\`
`;
}
