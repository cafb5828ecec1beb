import { Type } from "typebox";
import { type Resource, refOf } from "../../../lifecycle/index.ts";
import { operation } from "../../../wire/index.ts";
import { catalogueOf, zonesOf } from "../catalogue.ts";
import { NODES_MOST } from "../choices.ts";
import { refused } from "../dialect.ts";
import { getChild, mustBeIdle, mustServe } from "../family.ts";
import { specOf as instanceSpecOf } from "../instance.ts";
import { JOBS } from "../jobs.ts";
import { INSTANCE, NODE, PROXY } from "../kinds.ts";
import { type NodeSpec, nodeName, specOf } from "../node.ts";
import { startedAs, startedBy } from "../order.ts";
import { InInstance, InNode, Text } from "../schemas.ts";

/** What the zones of new replicas may be, in turns; by default as `multi` or `single` has it. */
function zonesFor(instance: Resource, asked: readonly string[] | undefined, zones: readonly string[]): string[] {
  if (asked?.some((zone) => !zones.includes(zone))) throw refused("280285");
  if (asked?.length) return [...asked];
  const { availability_zone_mode: mode, master_availability_zone: home } = instanceSpecOf(instance);
  const others = zones.filter((zone) => zone !== home);
  return mode === "multi" && others.length > 0 ? others : [home];
}

export const createGaussMySqlReadonlyNode = operation({
  id: "CreateGaussMySqlReadonlyNode",
  method: "POST",
  path: "/v3/{project_id}/instances/{instance_id}/nodes/enlarge",
  summary: "Starts adding read replicas, as one job",
  action: "gaussdb:instance:addNodes",
  success: 201,
  params: InInstance,
  body: Type.Object({
    priorities: Type.Array(Type.Integer({ minimum: 1, maximum: 16 }), { minItems: 1, maxItems: NODES_MOST - 1 }),
    is_auto_pay: Type.Optional(Type.Union([Text, Type.Boolean()])),
    charge_mode: Type.Optional(Type.Enum(["prePaid", "postPaid"])),
    availability_zones: Type.Optional(Type.Array(Text, { maxItems: NODES_MOST })),
  }),
  async handle({ params, body, caller }, { lifecycle, ids, inventory, region }) {
    const answer = await lifecycle.accept(caller, async (accepting) => {
      const instance = await accepting.get(INSTANCE, params.instance_id);
      mustServe(instance, "add nodes");
      const children = await accepting.list({ kind: [NODE, PROXY], parents: [instance.id] });
      mustBeIdle(instance, "add nodes", children);
      const nodes = children.filter((one) => one.kind === NODE);
      if (nodes.length + body.priorities.length > NODES_MOST) throw refused("200056");
      const zones = zonesFor(instance, body.availability_zones, zonesOf(catalogueOf(inventory), region));
      const job = { jobId: ids.uuid(), label: JOBS.addNodes };
      const last = Math.max(...nodes.map((one) => specOf(one).ordinal));
      const names: string[] = [];
      for (const [index, priority] of body.priorities.entries()) {
        const ordinal = last + 1 + index;
        const name = nodeName(instance.name, ordinal);
        const az = zones[index % zones.length] ?? "";
        const { flavor_ref: flavor } = instanceSpecOf(instance);
        const spec: NodeSpec = { role: "slave", cluster: refOf(instance, "storage"), flavor, az, priority, ordinal };
        await accepting.create({ kind: NODE, id: `${ids.hex32()}no07`, parentId: instance.id, name, spec }, job);
        names.push(name);
      }
      return { instance_id: instance.id, node_names: names, ...startedBy(instance, job.jobId) };
    });
    return { body: answer };
  },
});

export const deleteGaussMySqlReadonlyNode = operation({
  id: "DeleteGaussMySqlReadonlyNode",
  method: "DELETE",
  path: "/v3/{project_id}/instances/{instance_id}/nodes/{node_id}",
  summary: "Starts removing a read replica",
  action: "gaussdb:instance:deleteNodes",
  success: 200,
  params: InNode,
  async handle({ params, caller }, { lifecycle }) {
    const answer = await lifecycle.accept(caller, async (accepting) => {
      const instance = await accepting.get(INSTANCE, params.instance_id);
      const node = await getChild(accepting, instance, NODE, params.node_id);
      const { operation: whole } = instance.state === "DELETING" ? await accepting.submit("delete", instance) : {};
      const asked = { jobId: whole?.jobId, label: JOBS.deleteNode };
      const { operation: job } = await accepting.submit("delete", node, asked);
      return startedAs(instance, job.jobId);
    });
    return { body: answer };
  },
});
