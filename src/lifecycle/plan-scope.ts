import type { ResourceRow, Session } from "../store/index.ts";
import { NoSuch, Refused } from "./errors.ts";
import type { Kind } from "./kinds.ts";
import { listDescendants, type Resource, toResource } from "./resources.ts";
import { type Kinds, kindOf } from "./settle.ts";

/** What is asked to go: things by their ids, or a whole project by its id. */
export type Asked = {
  /** Everything inside is asked for too. */
  inside: boolean;
} & ({ ids: readonly string[]; project?: undefined } | { project: string; ids?: undefined });

/** Things that one plan may have: it is played through in one transaction, while other writes to them wait. */
export const PLAN_MOST = 2_000;

/** What a plan is made of. */
export interface Scope {
  /** All that is alive of it, and all that is alive inside of that, in order of creation. */
  world: ReadonlyMap<string, Resource>;
  /** Those of it that are asked to go. */
  wanted: ReadonlySet<string>;
  /** Asked for by id, and gone already. */
  gone: readonly Resource[];
  links: readonly { from: string; to: string }[];
}

/** The verb named `delete` that ends a kind's resources. A kind without one is put in place by other means, and stays. */
export const isDeletable = (kind: Kind): boolean => kind.verbs.delete?.then === kind.gone;

/** True when a delete of `parent` takes this child along. */
export function takesAlong(kinds: Kinds, parent: Resource, child: Resource): boolean {
  return child.parentId === parent.id && (kindOf(kinds, parent.kind).verbs.delete?.cascade ?? []).includes(child.kind);
}

/** Reads what is asked for. @throws NoSuch naming every unknown id, Refused when it is too much for one plan */
export async function readScope(tx: Session, asked: Asked): Promise<Scope> {
  const found = asked.ids ? await readIds(tx, asked.ids) : await readProject(tx, asked.project);
  const world = new Map(found.filter((one) => one.goneAt === null).map((one) => [one.id, one]));
  const wanted = new Set(world.keys());
  for (const id of asked.ids ? [...wanted] : []) {
    for (const one of await listDescendants(tx, id)) {
      world.set(one.id, one);
      if (asked.inside) wanted.add(one.id);
    }
    mustFit(world.size);
  }
  const inOrder = new Map([...world].toSorted(([, a], [, b]) => a.seq - b.seq));
  const gone = found.filter((one) => one.goneAt !== null);
  return { world: inOrder, wanted, gone, links: await readLinks(tx, [...inOrder.keys()]) };
}

function mustFit(count: number): void {
  if (count <= PLAN_MOST) return;
  throw new Refused(`this is more than ${PLAN_MOST} things, which is all that one plan takes`, "ask for parts of it");
}

const marks = (count: number) => Array(count).fill("?").join(", ");

async function readIds(tx: Session, asked: readonly string[]): Promise<Resource[]> {
  const ids = [...new Set(asked)];
  const rows = await tx.all<ResourceRow>(
    `SELECT * FROM resources WHERE id IN (${marks(ids.length)}) ORDER BY seq`,
    ids,
  );
  const known = new Set(rows.map((row) => row.id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new NoSuch(unknown.length > 1 ? "resource of these:" : "resource", unknown.join(", "));
  return rows.map(toResource);
}

async function readProject(tx: Session, project: string): Promise<Resource[]> {
  const rows = await tx.all<ResourceRow>(
    `SELECT * FROM resources WHERE tenant = ? AND gone_at IS NULL ORDER BY seq LIMIT ${PLAN_MOST + 1}`,
    [project],
  );
  mustFit(rows.length);
  return rows.map(toResource);
}

async function readLinks(tx: Session, ids: readonly string[]): Promise<{ from: string; to: string }[]> {
  if (ids.length === 0) return [];
  const rows = await tx.all<{ resource_id: string; target_id: string }>(
    `SELECT resource_id, target_id FROM links WHERE resource_id IN (${marks(ids.length)}) ORDER BY resource_id, target_id`,
    ids,
  );
  return rows.map((row) => ({ from: row.resource_id, to: row.target_id }));
}
