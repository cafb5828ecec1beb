import type { Accepted, Accepting } from "../../src/lifecycle/index.ts";
import { refOf } from "../../src/lifecycle/index.ts";
import type { SoakHouse } from "./house.ts";

/** Ends of things that one bundle comes to: what is deleted by name, and what goes with its parent. */
export const DELETES_A_BUNDLE = 14;

const USER = { domain_name: "soak", domain_id: "d", user_name: "u", user_id: "u" };
const FLAVOR = "mu.llama3.8b";
const compute = { spec_code: FLAVOR, min: 1, max: 2 };
const definition = { description: "", create_user: USER, update_user: USER };

type Create = (kind: string, spec: object, more?: Partial<Parameters<Accepting["create"]>[0]>) => Promise<Accepted>;

/** One of everything that can be deleted, in one write of the tenant's. */
export async function createBundle(
  { lifecycle, ids }: SoakHouse,
  tenant: string,
  name: string,
  serverId: string,
): Promise<void> {
  const caller = { tenant, userId: "soak", requestId: name };
  await lifecycle.accept(caller, async (accepting) => {
    const create: Create = (kind, spec, more) => accepting.create({ kind, id: ids.uuid(), name, spec, ...more });
    await fabric(create);
    await notebook(create);
    await database(create);
    await server(create, accepting, serverId, name);
  });
}

async function fabric(create: Create): Promise<void> {
  const { resource: workspace } = await create("fabric.workspace", { description: "", tags: [] });
  const inside = { parentId: workspace.id };
  const { resource: endpoint } = await create("fabric.endpoint", { type: "inference", shown: {}, compute }, inside);
  const { resource: model } = await create("fabric.model", { ...definition, type: "LLM_MODEL" }, inside);
  const { resource: version } = await create("fabric.model-version", {}, { parentId: model.id });
  const { resource: job } = await create("fabric.job", { ...definition, type: "RAY_JOB" }, inside);
  const { resource: jobVersion } = await create("fabric.job-version", {}, { parentId: job.id });
  const serves = {
    parentId: endpoint.id,
    links: [
      { target: model.id, role: "model" },
      { target: version.id, role: "version" },
    ],
  };
  await create("fabric.instance", { source: { id: model.id, version_id: version.id }, resource: compute }, serves);
  const runs = {
    parentId: job.id,
    links: [
      { target: endpoint.id, role: "endpoint" },
      { target: jobVersion.id, role: "version" },
    ],
  };
  await create(
    "fabric.job-run",
    {
      job: { id: job.id, version_id: jobVersion.id },
      entry: "main.py",
      flavor: FLAVOR,
      at_once: 1,
      timeout_seconds: 0,
    },
    runs,
  );
}

const notebook = (create: Create): Promise<Accepted> =>
  create("modelarts.notebook", {
    flavor: { name: "modelarts.vm.cpu.2u" },
    profile: { image_name: "multi-engine", image_tag: "1.0" },
    storage: { type: "evs", location: { volume_size: 20 } },
    auto_stop: { enable: true, duration: 3_600, prompt: true },
  });

async function database(create: Create): Promise<void> {
  const { resource: instance } = await create("taurusdb.instance", { availability_zone_mode: "single" });
  const cluster = refOf(instance, "storage");
  const inside = { parentId: instance.id };
  const nodes: string[] = [];
  for (const role of ["master", "slave"]) {
    const spec = { role, cluster, flavor: "gaussdb.mysql.xlarge.x86.4", az: "a", ordinal: nodes.length + 1 };
    nodes.push((await create("taurusdb.node", spec, inside)).resource.id);
  }
  const weights = Object.fromEntries(nodes.map((id) => [id, 100]));
  const proxy = { cluster, flavor_ref: "gaussdb.proxy.large.x86.2", nodes, weights };
  await create("taurusdb.proxy", proxy, inside);
}

async function server(create: Create, accepting: Accepting, serverId: string, hostname: string): Promise<void> {
  await accepting.change(await accepting.get("clouddc.server", serverId), { state: "in-use" });
  const network_interfaces = [{ subnet_id: "subnet", ipv4_address: "10.0.0.1" }];
  const spec = { image_id: "image", vpc_id: "vpc", network_interfaces, operation: "install" };
  await create("clouddc.instance", spec, { parentId: serverId, name: hostname });
}
