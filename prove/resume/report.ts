import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEAD_MS, type Figures, TAKES_MS } from "./figures.ts";

const PAGE = join(import.meta.dirname, "../../docs/proof/resume.md");

const round = (ms: number): string => String(Math.round(ms));

export const lineOf = ({ deletes, store, over, late, waiting, startMs, lost }: Figures): string =>
  Object.entries({
    store,
    deletes,
    over_s: over / 1000,
    waiting,
    p50_ms: round(late.p50),
    p99_ms: round(late.p99),
    last_ms: round(late.last),
    start_ms: round(startMs),
    lost,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const worst = (name: string, some: readonly Figures[]): string =>
  some.length === 0 ? "" : `${name}=${round(Math.max(...some.map(({ late }) => late.p99)))} `;

/** The worst of all runs. */
export const summaryOf = (figures: readonly Figures[]): string => {
  const spread = figures.filter(({ over }) => over > 0);
  const atOnce = figures.filter(({ over }) => over === 0);
  const lost = figures.reduce((all, one) => all + one.lost, 0);
  return `deletes=${figures[0]?.deletes} ${worst("p99_ms", spread)}${worst("at_once_p99_ms", atOnce)}lost=${lost}`;
};

export function writeReport(figures: readonly Figures[], flags: readonly string[]): void {
  const command = ["npm run prove:resume --", ...flags.filter((one) => one !== "--write")].join(" ");
  writeFileSync(
    PAGE,
    `# Resume time

\`\`\`console
$ ${command}
${[...figures.map(lineOf), summaryOf(figures)].join("\n")}
\`\`\`

Deletes of endpoints are accepted over the wire by a real Ebb. What an endpoint holds takes the world ${TAKES_MS / 1000} s to give
back, and the deletes are spread over that time (\`over_s\`), so that each is somewhere on its way when the process is killed
with \`kill -9\`. It is started again ${DEAD_MS / 1000} s later: \`waiting\` of the deletes are due before its first answer.

A delete has moved when its next step is done and on disk. How late it moved is counted from the first answer, or from when
the world was done with it, if that is later. The promise is 2 s for 99 of 100 (\`p99_ms\`), and that none is lost.

With \`over_s=0\` all of them are due at one moment. Nothing is promised for that but that none is lost: they end as fast as the
store takes their writes.
`,
  );
}
