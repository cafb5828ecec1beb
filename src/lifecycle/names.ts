import type { Session } from "../store/index.ts";
import { NameTaken } from "./errors.ts";
import type { Resource } from "./resources.ts";

const UNIQUE_VIOLATION = "23505";

/** Two processes may find a name free together: then the index decides. */
async function unlessTaken<T>(
  tx: Session,
  { tenant, kind }: Resource,
  name: string,
  write: () => Promise<T>,
): Promise<T> {
  const taken = await tx.get("SELECT id FROM resources WHERE tenant = ? AND kind = ? AND unique_name = ?", [
    tenant,
    kind,
    name,
  ]);
  if (taken) throw new NameTaken(kind, name);
  return write().catch((error: { code?: string }) => {
    throw error.code === UNIQUE_VIOLATION ? new NameTaken(kind, name) : error;
  });
}

/** Writes a new resource, and answers it with its place in the order of creation. @throws NameTaken when `unique` */
export async function insertResource(tx: Session, resource: Resource, unique: boolean): Promise<Resource> {
  const { id, kind, tenant, parentId, incarnation, name, state, spec, facts, createdBy, createdAt } = resource;
  const write = () =>
    tx.get<{ seq: number }>(
      `INSERT INTO resources (id, kind, tenant, parent_id, incarnation, name, unique_name, state, spec, facts, created_by, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
      [
        id,
        kind,
        tenant,
        parentId,
        incarnation,
        name,
        unique ? name : null,
        state,
        JSON.stringify(spec),
        JSON.stringify(facts),
        createdBy,
        createdAt,
        createdAt,
      ],
    );
  const row = await (unique ? unlessTaken(tx, resource, name, write) : write());
  return { ...resource, seq: row?.seq ?? 0 };
}

/** Gives a resource another name, which stays unique if it was. @throws NameTaken */
export async function renameResource(tx: Session, resource: Resource, name: string): Promise<void> {
  const row = await tx.get<{ unique_name: string | null }>("SELECT unique_name FROM resources WHERE id = ?", [
    resource.id,
  ]);
  const unique = row?.unique_name != null;
  const write = () =>
    tx.run("UPDATE resources SET name = ?, unique_name = ? WHERE id = ?", [name, unique ? name : null, resource.id]);
  await (unique ? unlessTaken(tx, resource, name, write) : write());
}
