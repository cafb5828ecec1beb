import { refOf } from "../../../lifecycle/index.ts";
import { operation } from "../../../wire/index.ts";
import { catalogueOf, zonesOf } from "../catalogue.ts";
import { INSTANCES_MOST } from "../choices.ts";
import { firstNodes, instanceSpec, NewInstance } from "../create-instance.ts";
import { refused } from "../dialect.ts";
import { instanceCreated } from "../instance-view.ts";
import { JOBS } from "../jobs.ts";
import { INSTANCE, NODE } from "../kinds.ts";
import { nodeName } from "../node.ts";
import { startedBy } from "../order.ts";
import { InProject } from "../schemas.ts";

export const createGaussMySqlInstance = operation({
  id: "CreateGaussMySqlInstance",
  method: "POST",
  path: "/v3/{project_id}/instances",
  summary: "Starts creating a database with its primary node and replicas",
  action: "gaussdb:instance:create",
  success: 201,
  params: InProject,
  body: NewInstance,
  async handle({ body, caller }, { lifecycle, ids, region, inventory }) {
    const catalogue = catalogueOf(inventory);
    const spec = instanceSpec(body, { region, catalogue, orderId: `CS${ids.hex32().slice(0, 16).toUpperCase()}` });
    const label = JOBS.createInstance;
    const { instance, jobId } = await lifecycle.accept(caller, async (accepting) => {
      await accepting.alone(INSTANCE);
      if ((await accepting.list({ kind: INSTANCE })).length >= INSTANCES_MOST) throw refused("200046");
      const birth = { kind: INSTANCE, id: `${ids.hex32()}in07`, name: body.name, spec };
      const { resource: made, operation: job } = await accepting.create(birth, { label });
      for (const node of firstNodes(spec, body.slave_count, refOf(made, "storage"), zonesOf(catalogue, region))) {
        const name = nodeName(made.name, node.ordinal);
        const child = { kind: NODE, id: `${ids.hex32()}no07`, parentId: made.id, name, spec: node };
        await accepting.create(child, { jobId: job.jobId, label });
      }
      return { instance: made, jobId: job.jobId };
    });
    return { body: { instance: instanceCreated(instance), ...startedBy(instance, jobId) } };
  },
});
