import { Type } from "typebox";
import { refOf } from "../../../lifecycle/index.ts";
import { type Call, type House, operation, pageByOffset } from "../../../wire/index.ts";
import { catalogueOf } from "../catalogue.ts";
import { mustTakeProxy, NewProxy, proxySpec } from "../create-proxy.ts";
import { deleteProxies } from "../delete-proxy.ts";
import { mustBeIdle, mustServe, readFamily } from "../family.ts";
import { JOBS } from "../jobs.ts";
import { INSTANCE, NODE, PROXY } from "../kinds.ts";
import { proxyItem } from "../proxy-view.ts";
import { DEFAULT_PROXIES_LIMIT, InInstance, Limit, Offset } from "../schemas.ts";

export const createGaussMySqlProxy = operation({
  id: "CreateGaussMySqlProxy",
  method: "POST",
  path: "/v3/{project_id}/instances/{instance_id}/proxy",
  summary: "Starts putting a proxy in front of a database",
  action: "gaussdb:proxy:create",
  success: 201,
  params: InInstance,
  body: NewProxy,
  async handle({ params, body, caller }, { lifecycle, ids, inventory }) {
    const jobId = await lifecycle.accept(caller, async (accepting) => {
      const instance = await accepting.get(INSTANCE, params.instance_id);
      mustServe(instance, "create proxy");
      const nodes = await accepting.list({ kind: NODE, parents: [instance.id] });
      const proxies = await accepting.list({ kind: PROXY, parents: [instance.id] });
      // Clients take the one that is being enabled for theirs: there is never a second one.
      mustBeIdle(instance, "create proxy", [...nodes, ...proxies.filter((one) => one.state === "ENABLING PROXY")]);
      mustTakeProxy(instance, nodes, proxies);
      const spec = proxySpec(body, {
        instance,
        nodes,
        catalogue: catalogueOf(inventory),
        cluster: refOf(instance, "storage"),
        ids: Array.from({ length: body.node_num }, () => `${ids.hex32()}pn01`),
      });
      const id = `${ids.hex32()}po01`;
      const name = body.proxy_name ?? `proxy-${id.slice(0, 4)}`;
      const birth = { kind: PROXY, id, parentId: instance.id, name, spec };
      const { operation: job } = await accepting.create(birth, { label: JOBS.openProxy });
      return job.jobId;
    });
    return { body: { job_id: jobId } };
  },
});

export const showGaussMySqlProxyList = operation({
  id: "ShowGaussMySqlProxyList",
  method: "GET",
  path: "/v3/{project_id}/instances/{instance_id}/proxies",
  summary: "Lists the proxies of a database",
  action: "gaussdb:proxy:list",
  success: 200,
  params: InInstance,
  query: Type.Object({ offset: Offset, limit: Limit }),
  async handle({ params, query, caller, language }, { lifecycle, region, inventory }) {
    const family = await readFamily(lifecycle, caller.tenant, params.instance_id);
    const page = pageByOffset(family.proxies, query.offset ?? 0, query.limit ?? DEFAULT_PROXIES_LIMIT);
    const context = { catalogue: catalogueOf(inventory), region, language, unified: false };
    return { body: { proxy_list: page.map((proxy) => proxyItem(proxy, family, context)) } };
  },
});

interface Named {
  proxy_ids?: string[];
}

async function remove({ params, body, caller }: Call<{ instance_id: string }, unknown, Named>, house: House) {
  const { lifecycle, ids } = house;
  const named = body.proxy_ids ?? [];
  const jobId = await lifecycle.accept(caller, (accepting) =>
    deleteProxies(accepting, params.instance_id, named, () => ids.uuid()),
  );
  return { body: { job_id: jobId } };
}

export const deleteGaussMySqlProxy = operation({
  id: "DeleteGaussMySqlProxy",
  method: "DELETE",
  path: "/v3/{project_id}/instances/{instance_id}/proxy",
  summary: "Starts deleting proxies of a database, as one job",
  action: "gaussdb:proxy:delete",
  success: 200,
  params: InInstance,
  body: Type.Object({ proxy_ids: Type.Optional(Type.Array(Type.String())) }),
  emptyBody: {},
  handle: remove,
});

export const closeMySqlProxy = operation({
  id: "CloseMySqlProxy",
  method: "DELETE",
  path: "/mysql/v3/{project_id}/instances/{instance_id}/proxy",
  summary: "Starts deleting the only proxy of a database (the historical way)",
  action: "gaussdb:proxy:delete",
  success: 200,
  params: InInstance,
  handle: (call, house) => remove({ ...call, body: {} }, house),
});
