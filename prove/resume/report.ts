import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Figures, Spread } from "./figures.ts";

const DOCS = join(import.meta.dirname, "../../docs/proof");

const round = (ms: number): string => String(Math.round(ms));

export const lineOf = ({ deletes, store, claim, step, startMs, lost }: Figures): string =>
  Object.entries({
    deletes,
    store,
    p50_ms: round(step.p50),
    p99_ms: round(step.p99),
    last_ms: round(step.last),
    claim_p50_ms: round(claim.p50),
    claim_p99_ms: round(claim.p99),
    start_ms: round(startMs),
    lost,
  })
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

const row = (store: string, what: string, { p50, p99, last }: Spread): string =>
  `| ${store} | ${what} | ${round(p50)} | ${round(p99)} | ${round(last)} |`;

export function writeReport(figures: readonly Figures[], deletes: number): void {
  const rows = figures.flatMap(({ store, claim, step }) => [
    row(store, "claimed anew", claim),
    row(store, "a step done, on disk", step),
  ]);
  const text = `# Resume time

\`\`\`console
$ npm run prove:resume -- --deletes ${deletes}
${figures.map(lineOf).join("\n")}
\`\`\`

${deletes} deletes of endpoints are accepted over the wire by a real Ebb at the default pace, which is then killed with
\`kill -9\`. It stays dead until every one of them is due: nothing is harder than all at once. Then it is started again, and
this is how long it takes, counted from its first answer to a request, until each moves again. Nothing is lost.

| store | until | p50, ms | p99, ms | all, ms |
|---|---|---|---|---|
${rows.join("\n")}
`;
  mkdirSync(DOCS, { recursive: true });
  writeFileSync(join(DOCS, "resume.md"), text);
}
