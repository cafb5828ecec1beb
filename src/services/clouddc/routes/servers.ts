import { Type } from "typebox";
import { operation } from "../../../wire/index.ts";
import { getAll, someIds } from "../batch.ts";
import { NO_POWER_DURING } from "../choices.ts";
import { refuse } from "../dialect.ts";
import { INSTANCE, SERVER } from "../names.ts";
import { onePage } from "../pages.ts";
import { partsSeen } from "../parts.ts";
import { IdSet, Limit, MANAGE_STATES, Marker, OneOf, POWER_ACTIONS, Project } from "../schemas.ts";
import { hardwareView, isPowering, powerTurn, serverSpec, serverView } from "../server.ts";

export const listServers = operation({
  id: "ListServers",
  method: "GET",
  path: "/v1/{project_id}/physicalservers",
  summary: "Lists physical servers",
  action: "clouddc:imetal:list",
  success: 200,
  params: Project,
  query: Type.Object({
    manage_state: Type.Optional(Type.Enum([...MANAGE_STATES])),
    marker: Marker,
    limit: Limit,
  }),
  async handle({ query, caller }, { lifecycle }) {
    const { manage_state: state } = query;
    const states = state && state !== "frozen" ? { states: [state] } : {};
    const found = await lifecycle.list({ kind: SERVER, tenant: caller.tenant, ...states });
    const all = state === "frozen" ? found.filter((one) => serverSpec(one).frozen_state !== 0) : found;
    const { page, page_info } = onePage(all, query);
    return { body: { servers: page.map(serverView), page_info, count: all.length } };
  },
});

export const showServer = operation({
  id: "ShowServer",
  method: "GET",
  path: "/v1/{project_id}/physicalservers/{id}",
  summary: "Shows a physical server",
  action: "clouddc:imetal:get",
  success: 200,
  params: OneOf,
  async handle({ params, caller }, { lifecycle }) {
    return { body: serverView(await lifecycle.get(caller.tenant, SERVER, params.id)) };
  },
});

export const showServerHardwareAttributes = operation({
  id: "ShowServerHardwareAttributes",
  method: "GET",
  path: "/v1/{project_id}/physicalservers/{id}/hardware-attributes",
  summary: "Shows what a physical server is made of: as its machine says, or else the inventory",
  action: "clouddc:imetal:getHardwareAttribute",
  success: 200,
  params: OneOf,
  async handle({ params, caller }, { lifecycle, drivers, log }) {
    const server = await lifecycle.get(caller.tenant, SERVER, params.id);
    return { body: hardwareView(server, await partsSeen(drivers, server.id, log)) };
  },
});

const POWERS = { "power on": "on", "power off": "off", rebooting: "rebooted" } as const;

export const changeServerPowerState = operation({
  id: "ChangeServerPowerState",
  method: "PUT",
  path: "/v1/{project_id}/physicalservers/power-state",
  summary: "Starts switching servers on or off, or restarting them: all, or none",
  action: "clouddc:imetal:updatePowerStatus",
  success: 200,
  params: Project,
  body: Type.Object({ action: Type.Enum([...POWER_ACTIONS]), server_id_set: IdSet }),
  emptyBody: {},
  async handle({ body, caller }, { lifecycle, ids }) {
    const named = someIds("server_id_set", body.server_id_set);
    const found = await lifecycle.accept(caller, async (accepting) => {
      const servers = await getAll(accepting, SERVER, named);
      const left = await accepting.list({ kind: INSTANCE, parents: named, states: NO_POWER_DURING });
      const busy = servers.filter((one) => isPowering(one) || left.some(({ parentId }) => parentId === one.id));
      if (busy.length > 0)
        throw refuse.notReady(
          SERVER,
          busy.map((one) => one.id),
        );
      const jobId = ids.uuid();
      for (const one of servers)
        await accepting.submit("power", one, { jobId, spec: powerTurn(one, POWERS[body.action]) });
      return servers;
    });
    return { body: { physical_servers: found.map(({ id }) => ({ id })) } };
  },
});
