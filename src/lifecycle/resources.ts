import type { Param, ResourceRow, Session } from "../store/index.ts";

/** A thing that has a life: what was asked for (`spec`), what the world answered (`facts`), and where it stands. */
export interface Resource<Spec = Record<string, unknown>, Facts = Record<string, unknown>> {
  id: string;
  kind: string;
  tenant: string;
  parentId: string | null;
  /** Differs between two resources that bear one id, so that their real things do too. */
  incarnation: string;
  seq: number;
  name: string;
  state: string;
  spec: Spec;
  facts: Facts;
  error: ResourceError | null;
  /** Id of the user who created it. */
  createdBy: string;
  createdAt: number;
  updatedAt: number;
  goneAt: number | null;
}

export interface ResourceError {
  verb: string;
  step: string;
  reason: string;
  owner: string;
  hint: string;
  /** Ids of the resources in which the reason lies. */
  on?: readonly string[];
  at: number;
}

const json = <T>(text: string): T => JSON.parse(text) as T;

export function toResource(row: ResourceRow): Resource {
  return {
    id: row.id,
    kind: row.kind,
    tenant: row.tenant,
    parentId: row.parent_id,
    incarnation: row.incarnation,
    seq: row.seq,
    name: row.name,
    state: row.state,
    spec: json(row.spec),
    facts: json(row.facts),
    error: row.error === null ? null : json(row.error),
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    goneAt: row.gone_at,
  };
}

/** Which resources to list; absent fields do not filter. Gone ones only with `gone`. */
export interface Filter {
  kind: string | readonly string[];
  tenant?: string;
  ids?: readonly string[];
  parents?: readonly string[];
  states?: readonly string[];
  gone?: boolean;
}

/** Lists in order of creation. */
export async function listResources(session: Session, filter: Filter): Promise<Resource[]> {
  const where: string[] = [];
  const params: Param[] = [];
  const among = (column: string, values: readonly string[]) => {
    where.push(values.length === 0 ? "1 = 0" : `${column} IN (${values.map(() => "?").join(", ")})`);
    params.push(...values);
  };
  among("kind", typeof filter.kind === "string" ? [filter.kind] : filter.kind);
  if (filter.tenant !== undefined) among("tenant", [filter.tenant]);
  if (filter.ids) among("id", filter.ids);
  if (filter.parents) among("parent_id", filter.parents);
  if (filter.states) among("state", filter.states);
  if (!filter.gone) where.push("gone_at IS NULL");
  const rows = await session.all<ResourceRow>(
    `SELECT * FROM resources WHERE ${where.join(" AND ")} ORDER BY seq`,
    params,
  );
  return rows.map(toResource);
}

/** One of the tenant's resources by id, or undefined, locked until the write ends. Another tenant's row is not waited for. */
export async function lockOwn(tx: Session, tenant: string, id: string): Promise<Resource | undefined> {
  const row = await tx.get<ResourceRow>(`SELECT * FROM resources WHERE id = ? AND tenant = ?${tx.forUpdate}`, [
    id,
    tenant,
  ]);
  return row && toResource(row);
}

/** One resource by id, of any tenant, or undefined. `lock` keeps it unchanged by others until the write ends. */
export async function findResource(session: Session, id: string, lock = false): Promise<Resource | undefined> {
  const row = await session.get<ResourceRow>(`SELECT * FROM resources WHERE id = ?${lock ? session.forUpdate : ""}`, [
    id,
  ]);
  return row && toResource(row);
}

/** Everything alive below a resource, at any depth, nearest first. CROSS JOIN keeps SQLite from scanning every resource. */
export async function listDescendants(session: Session, id: string): Promise<Resource[]> {
  const rows = await session.all<ResourceRow>(
    `WITH RECURSIVE below (id, depth) AS (
       SELECT id, 1 FROM resources WHERE parent_id = ? AND gone_at IS NULL
       UNION ALL SELECT r.id, below.depth + 1 FROM below CROSS JOIN resources r WHERE r.parent_id = below.id AND r.gone_at IS NULL)
     SELECT r.* FROM below CROSS JOIN resources r WHERE r.id = below.id ORDER BY below.depth, r.seq`,
    [id],
  );
  return rows.map(toResource);
}

/** Live resources that are linked to `id` ("they need it"). */
export async function listUsers(session: Session, id: string): Promise<Resource[]> {
  const rows = await session.all<ResourceRow>(
    `SELECT DISTINCT r.* FROM links l JOIN resources r ON r.id = l.resource_id WHERE l.target_id = ? AND r.gone_at IS NULL ORDER BY r.seq`,
    [id],
  );
  return rows.map(toResource);
}
