import { listLeftovers } from "../../lifecycle/index.ts";
import { INVENTORY_USER, isoMillis, type Operation, operation } from "../../wire/index.ts";
import type { Desk } from "../desk.ts";
import { resourceView } from "./resources.ts";

export const leftoverRoutes = ({ store }: Desk): Operation[] => [
  operation({
    id: "ShowLeftovers",
    method: "GET",
    path: "/ebb/v1/leftovers",
    summary: "What was made, what of it is still there, and what is still under way",
    action: null,
    access: "operator",
    success: 200,
    handle: async () => {
      const found = await store.read((session) => listLeftovers(session, INVENTORY_USER));
      return {
        body: {
          created: found.created,
          left: found.left.map(resourceView),
          left_count: found.leftCount,
          unfinished: found.unfinished.map(({ id, resourceId, kind, verb, plan, step, acceptedAt }) => ({
            operation_id: id,
            resource_id: resourceId,
            kind,
            verb,
            step: plan.steps[step] ?? null,
            accepted_at: isoMillis(acceptedAt),
          })),
        },
      };
    },
  }),
];
