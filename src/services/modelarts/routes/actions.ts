import { Type } from "typebox";
import { operation } from "../../../wire/index.ts";
import { idOf, NO_QUEUE_CODE } from "../choices.ts";
import { refused } from "../dialect.ts";
import { NOTEBOOK, type NotebookFacts } from "../notebook.ts";
import { OfInstance, oneOf } from "../schemas.ts";

export const manageInstance = operation({
  id: "ActOnDevEnvironInstance",
  method: "POST",
  path: "/v1/{project_id}/demanager/instances/{instance_id}/action",
  summary: "Starts starting, stopping or restarting a notebook instance",
  action: "modelarts:notebook:action",
  success: 200,
  params: OfInstance,
  body: Type.Object({ action: oneOf(["start", "stop", "restart", "queue", "dequeue"]) }),
  emptyBody: {},
  async handle({ params, body: { action }, caller }, { lifecycle }) {
    return lifecycle.accept(caller, async (accepting) => {
      const found = await accepting.get(NOTEBOOK, idOf(params.instance_id));
      if (action === "queue" || action === "dequeue") {
        throw refused(NO_QUEUE_CODE, `action: ${action} is for free flavors, which Ebb does not have`);
      }
      const { resource } = await accepting.submit(action, found);
      return { body: { current_status: resource.state, previous_state: found.state } };
    });
  },
});

/** Retired by the vendor, and kept because a notebook's address cannot be opened without its token. */
export const showToken = operation({
  id: "ShowDevEnvironInstanceToken",
  method: "GET",
  path: "/v1/{project_id}/demanager/instances/{instance_id}/token",
  summary: "Shows the token that opens a running notebook instance",
  action: "modelarts:notebook:access",
  success: 200,
  params: OfInstance,
  async handle({ params, caller }, { lifecycle }) {
    const found = await lifecycle.get(caller.tenant, NOTEBOOK, idOf(params.instance_id));
    const { token } = found.facts as NotebookFacts;
    if (found.state !== "RUNNING" || token === undefined) throw refused("6327");
    return { body: { token } };
  },
});
