/** `before` goes first. A firm one always holds; the others give way where they would close a ring. */
export interface Edge {
  before: string;
  after: string;
  firm: boolean;
}

/**
 * Puts `ids` into stages: what stands in one can go at the same time, once all the earlier ones are through. Firm edges
 * must form no ring. In a stage, the order of `ids` is kept.
 */
export function stagesOf(ids: readonly string[], edges: readonly Edge[]): string[][] {
  let open = edges.filter(({ before, after }) => before !== after);
  let left = [...ids];
  const stages: string[][] = [];
  while (left.length > 0) {
    const held = new Set(open.map((edge) => edge.after));
    const stage = left.filter((id) => !held.has(id));
    if (stage.length === 0) {
      // A ring: the guards decide what of it can go.
      if (open.every((edge) => edge.firm)) throw new Error(`parents in a ring: ${left.join(", ")}`);
      open = open.filter((edge) => edge.firm);
      continue;
    }
    const gone = new Set(stage);
    open = open.filter((edge) => !gone.has(edge.before));
    left = left.filter((id) => !gone.has(id));
    stages.push(stage);
  }
  return stages;
}
