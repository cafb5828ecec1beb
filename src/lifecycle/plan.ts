import { type Edge, stagesOf } from "./plan-order.ts";
import { isDeletable, type Scope, takesAlong } from "./plan-scope.ts";
import type { Resource } from "./resources.ts";
import { type Kinds, kindOf } from "./settle.ts";

/** One delete of a plan. */
export interface PlanItem {
  thing: Resource;
  /** Counts from 0: what bears one number can go at the same time. */
  stage: number;
  /** Ids of the items that must be gone before. */
  after: readonly string[];
  /** What this delete takes along, by its verb's cascade: not items of their own. */
  takesAlong: readonly Resource[];
}

export interface Draft {
  /** In the order in which they go. */
  items: readonly PlanItem[];
  /** Asked for, and of a kind that is not deleted. */
  stays: readonly Resource[];
  /** By the id of whatever goes, the item that it goes with: its own, or the one that takes it along. */
  carriers: ReadonlyMap<string, string>;
}

/** What the guards have taught about the order, beside parents and links. */
export interface Lessons {
  /** Things that would go along with their parent, and must go before it. */
  alone: ReadonlySet<string>;
  order: readonly { before: string; after: string }[];
}

/** Puts what is asked for in order: what is inside goes first, and so does what needs something else. */
export function draw(kinds: Kinds, scope: Scope, lessons: Lessons): Draft {
  const carriers = carriersIn(kinds, scope, lessons.alone);
  const items = [...carriers].filter(([id, carrier]) => id === carrier).map(([id]) => id);
  const edges = edgesOf(scope, carriers, lessons);
  const stages = stagesOf(items, edges);
  const stageOf = new Map(stages.flatMap((ids, stage) => ids.map((id) => [id, stage] as const)));
  const along = Map.groupBy(
    [...scope.world.values()].filter(({ id }) => carriers.has(id) && carriers.get(id) !== id),
    ({ id }) => carriers.get(id),
  );
  const befores = Map.groupBy(edges, (edge) => edge.after);
  return {
    items: stages.flat().map((id) => {
      const stage = stageOf.get(id) ?? 0;
      const after = (befores.get(id) ?? []).map((edge) => edge.before).filter((one) => (stageOf.get(one) ?? 0) < stage);
      return { thing: thingOf(scope, id), stage, after: [...new Set(after)], takesAlong: along.get(id) ?? [] };
    }),
    stays: [...scope.world.values()].filter((one) => scope.wanted.has(one.id) && !carriers.has(one.id)),
    carriers,
  };
}

function thingOf({ world }: Scope, id: string): Resource {
  const thing = world.get(id);
  if (!thing) throw new Error(`${id} is planned and was not read`);
  return thing;
}

/** Parents come before their children in `world`: they were created first. */
function carriersIn(kinds: Kinds, { world, wanted }: Scope, alone: ReadonlySet<string>): Map<string, string> {
  const carriers = new Map<string, string>();
  for (const one of world.values()) {
    if (!isDeletable(kindOf(kinds, one.kind))) continue;
    const parent = one.parentId === null ? undefined : world.get(one.parentId);
    const carrier = parent && takesAlong(kinds, parent, one) ? carriers.get(parent.id) : undefined;
    if (carrier !== undefined && !alone.has(one.id)) carriers.set(one.id, carrier);
    else if (wanted.has(one.id)) carriers.set(one.id, one.id);
  }
  return carriers;
}

function edgesOf({ world, links }: Scope, carriers: ReadonlyMap<string, string>, { order }: Lessons): Edge[] {
  const edges: Edge[] = [];
  const add = (from: string, to: string | undefined, firm: boolean) => {
    const [before, after] = [carriers.get(from), to && carriers.get(to)];
    if (before && after && before !== after) edges.push({ before, after, firm });
  };
  for (const { id } of world.values()) add(id, goingAbove(world, carriers, id), true);
  for (const { from, to } of links) add(from, to, false);
  for (const { before, after } of order) add(before, after, false);
  return edges;
}

/** The nearest thing above that goes too: what stays between the two keeps no order. */
function goingAbove(
  world: ReadonlyMap<string, Resource>,
  carriers: ReadonlyMap<string, string>,
  id: string,
): string | undefined {
  let above = world.get(id)?.parentId ?? null;
  while (above !== null && !carriers.has(above)) above = world.get(above)?.parentId ?? null;
  return above ?? undefined;
}
