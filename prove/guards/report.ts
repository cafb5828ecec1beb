import type { Mutation } from "./mutation.ts";

export interface Result {
  mutation: Mutation;
  red: boolean;
  /** The test never came to an end. */
  timedOut: boolean;
}

export function summary(results: readonly Result[]): string {
  const red = results.filter((one) => one.red).length;
  return `mutations=${results.length} red=${red} survived=${results.length - red}`;
}

/** The page of docs/proof. */
export function page(results: readonly Result[]): string {
  const rows = results.map(
    ({ mutation: { name, rule, test }, red }) => `| \`${name}\` | ${rule} | ${test[1]} | ${red ? "red" : "SURVIVED"} |`,
  );
  return `# The falsified guards

The promise: each guard and each rule of durability is held by a test that fails without it. Every row below is a mutation
of the source (\`prove/guards/mutations\`), made in a copy of it, with the rule that it breaks and the test that must turn red;
all the tests are green while nothing is broken.

\`\`\`console
$ npm run prove:guards
${summary(results)}
\`\`\`

| mutation | rule | test | |
|---|---|---|---|
${rows.join("\n")}
`;
}
