import type { Made, Teller } from "./teller.ts";

const UUID = "0a1b2c3d-1111-4222-8333-444455556666";

async function database(teller: Teller, name: string): Promise<Made> {
  const body = {
    region: "eu-local-1",
    name,
    datastore: { type: "gaussdb-mysql", version: "8.0.22" },
    mode: "Cluster",
    flavor_ref: "gaussdb.mysql.xlarge.x86.4",
    vpc_id: UUID,
    subnet_id: UUID,
    security_group_id: UUID,
    password: "Orders-db-9",
    availability_zone_mode: "single",
    slave_count: 1,
  };
  const id = await teller.make("taurusdb.instance", name, `/v3/${teller.project}/instances`, body);
  return { id, remove: ["DELETE", `/v3/${teller.project}/instances/${id}`] };
}

async function proxy(teller: Teller, db: string, name: string): Promise<Made> {
  const body = { proxy_name: name, flavor_ref: "gaussdb.proxy.large.x86.2", node_num: 2 };
  const path = `/v3/${teller.project}/instances/${db}/proxy`;
  const id = await teller.make("taurusdb.proxy", name, path, body);
  return { id, remove: ["DELETE", path, { proxy_ids: [id] }] };
}

/** A database that takes a replica and two proxies; one of each is deleted, and the rest goes with it. */
export async function databases(teller: Teller, tag: string): Promise<void> {
  const db = await database(teller, `${tag}-db`);
  await teller.settle();
  const path = `/v3/${teller.project}/instances/${db.id}`;
  const node = await teller.make("taurusdb.node", `${tag}-db_node03`, `${path}/nodes/enlarge`, { priorities: [1] });
  await teller.settle();
  const first = await proxy(teller, db.id, `${tag}-first`);
  await teller.settle();
  await proxy(teller, db.id, `${tag}-second`);
  await teller.settle();
  await teller.remove(first);
  await teller.settle();
  await teller.remove({ id: node, remove: ["DELETE", `${path}/nodes/${node}`] });
  await teller.settle();
  await teller.remove(db);
}

/** A database with a proxy in front of it. */
export async function furnish(teller: Teller, tag: string): Promise<Made> {
  const db = await database(teller, `${tag}-db`);
  await teller.settle();
  await proxy(teller, db.id, `${tag}-proxy`);
  await teller.settle();
  return db;
}
