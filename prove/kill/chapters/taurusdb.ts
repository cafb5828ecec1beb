import type { Made, Script } from "../script.ts";

const UUID = "0a1b2c3d-1111-4222-8333-444455556666";

async function database(script: Script, name: string): Promise<Made> {
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
  const id = await script.make("taurusdb.instance", name, `/v3/${script.project}/instances`, body);
  return { id, remove: ["DELETE", `/v3/${script.project}/instances/${id}`] };
}

async function proxy(script: Script, db: string, name: string): Promise<Made> {
  const body = { proxy_name: name, flavor_ref: "gaussdb.proxy.large.x86.2", node_num: 2 };
  const path = `/v3/${script.project}/instances/${db}/proxy`;
  const id = await script.make("taurusdb.proxy", name, path, body);
  return { id, remove: ["DELETE", path, { proxy_ids: [id] }] };
}

/** A database that takes a replica and two proxies; one of each is deleted, and the rest goes with it. */
export async function databases(script: Script, tag: string): Promise<void> {
  const db = await database(script, `${tag}-db`);
  await script.settle();
  const path = `/v3/${script.project}/instances/${db.id}`;
  const node = await script.make("taurusdb.node", `${tag}-db_node03`, `${path}/nodes/enlarge`, { priorities: [1] });
  await script.settle();
  const first = await proxy(script, db.id, `${tag}-first`);
  await script.settle();
  await proxy(script, db.id, `${tag}-second`);
  await script.settle();
  await script.remove(first);
  await script.settle();
  await script.remove({ id: node, remove: ["DELETE", `${path}/nodes/${node}`] });
  await script.settle();
  await script.remove(db);
}
