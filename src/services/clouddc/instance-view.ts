import type { Resource } from "../../lifecycle/index.ts";
import { isoSeconds } from "../../wire/index.ts";
import { FAILED_CODE, imageView } from "./choices.ts";
import { instanceFacts, instanceSpec } from "./instance.ts";

const ERROR_TYPE: Record<string, string> = {
  create: "create_instance_error",
  delete: "delete_instance_error",
  reinstall: "reinstall_error",
  "modify-ip": "modify_ip_error",
};

/** The network as it is in the world, or as it was asked for while there is none. */
function networkOfInstance(instance: Resource) {
  const { vpc_id, network_interfaces } = { ...instanceSpec(instance), ...instanceFacts(instance) };
  return { vpc_id, network_interfaces };
}

/** True while an instance is on its way from the addresses that it has to those asked for. */
export function isMoving(instance: Resource): boolean {
  const { vpc_id, network_interfaces, operation } = instanceSpec(instance);
  if (operation !== "modify-ip" || instance.error !== null) return false;
  return JSON.stringify({ vpc_id, network_interfaces }) !== JSON.stringify(networkOfInstance(instance));
}

function operationState(instance: Resource): string {
  const working = ["pending", "shutting-down"].includes(instance.state) || isMoving(instance);
  const end = instance.error ? "failed" : working ? "processing" : "succeed";
  return `${instanceSpec(instance).operation}-${end}`;
}

/** As the answer of ShowInstanceStatus. */
export function statusView(instance: Resource): object {
  const { error, state } = instance;
  const said = error && {
    error_code: FAILED_CODE,
    error_msg: error.reason,
    error_type: ERROR_TYPE[error.verb] ?? "create_instance_error",
  };
  return { state, operation_state: operationState(instance), ...(said ? { error: said } : {}) };
}

/** As an item of ListInstances. */
export function instanceView(instance: Resource): object {
  const { image_id, description, metadata } = instanceSpec(instance);
  const { launched_at } = instanceFacts(instance);
  return {
    id: instance.id,
    name: instance.name,
    ...networkOfInstance(instance),
    tags: [],
    image: imageView(image_id),
    description,
    ...statusView(instance),
    metadata,
    server_id: instance.parentId,
    created_at: isoSeconds(instance.createdAt),
    updated_at: isoSeconds(instance.updatedAt),
    launched_at: launched_at === undefined ? "" : isoSeconds(launched_at),
  };
}
