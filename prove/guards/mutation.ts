/** One way to break the source, and the test that must notice. */
export interface Mutation {
  name: string;
  /** The rule that the mutated lines keep, in words. */
  rule: string;
  /** From the project's root. */
  file: string;
  /** Stands in the file once. */
  find: string;
  put: string;
  /** Where one rule is kept twice: what has to go too. */
  and?: { find: string; put: string };
  /** The file of the test, and its name. */
  test: readonly [file: string, name: string];
  /** The rule shows only there. */
  store?: "postgres";
}

/** Mutations of one area share what stands in front of their names. */
export const under = (area: string, all: readonly Mutation[]): Mutation[] =>
  all.map((one) => ({ ...one, name: `${area}/${one.name}` }));
