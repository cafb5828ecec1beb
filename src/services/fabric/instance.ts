import { changes, type Kind, makes, type Resource, unmakes } from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";
import { FAILED_CODE } from "./choices.ts";
import { namesOnly, type User } from "./users.ts";

export const INSTANCE = "fabric.instance";
/** The thing of the world behind an instance. */
export const REPLICAS = "replicas";

export interface InstanceSpec {
  workspace_id: string;
  description: string;
  source: { id: string; version_id: string };
  /** Of the version, when it was deployed. */
  model_path: string;
  type: "LLM_MODEL";
  resource: { spec_code: string; min: number; max: number };
  create_user: User;
  update_user: User;
}

export const specOf = (resource: Resource) => resource.spec as unknown as InstanceSpec;

export const servesModel = (instance: Resource, modelId: string): boolean => specOf(instance).source.id === modelId;

function replicasOf(resource: Resource) {
  const { source, model_path, resource: compute } = specOf(resource);
  return {
    flavor: compute.spec_code,
    model: source.version_id,
    path: model_path,
    min: compute.min,
    max: compute.max,
  };
}

/** A failed update can be asked for again; what failed to be served or to go away can only be deleted. */
export const isUpdatable = ({ state, error }: Resource): boolean =>
  state === "RUNNING" || (state === "FAILED" && error?.verb === "update");

/** A model served on an endpoint, which is its parent. */
export const instanceKind: Kind = {
  name: INSTANCE,
  gone: "DELETED",
  verbs: {
    create: { from: [], during: "CREATING", then: "RUNNING", failed: "FAILED", version: 1, plan: () => ["serve"] },
    update: {
      from: ["RUNNING", "FAILED"],
      during: "UPDATING",
      then: "RUNNING",
      failed: "FAILED",
      version: 1,
      plan: () => ["rescale"],
    },
    delete: {
      from: ["CREATING", "RUNNING", "UPDATING", "FAILED"],
      during: "DELETING",
      then: "DELETED",
      failed: "FAILED",
      version: 1,
      aborts: ["create", "update"],
      plan: () => ["stop-serving"],
    },
  },
  steps: {
    serve: makes({ domain: "inference", type: REPLICAS, spec: replicasOf }),
    rescale: changes({ domain: "inference", type: REPLICAS, spec: replicasOf }),
    "stop-serving": unmakes("inference", REPLICAS),
  },
};

/** As an item of a list. */
export function instanceBrief(resource: Resource, now: number): object {
  const { description, source, type, resource: compute, create_user } = specOf(resource);
  const { error } = resource;
  const failed = error && { error_code: FAILED_CODE, error_msg: error.reason, solution: error.hint };
  return {
    visibility: "PRIVATE",
    source,
    id: resource.id,
    name: resource.name,
    description,
    endpoint_id: resource.parentId,
    status: resource.state,
    create_time: isoMillis(resource.createdAt),
    update_time: isoMillis(resource.updatedAt),
    duration: Math.floor((now - resource.createdAt) / 1000),
    create_user: namesOnly(create_user),
    type,
    config: { model_instance_config: { resource: compute } },
    content_moderation_switch: "OFF",
    ...failed,
  };
}

/** As the answer of show. */
export function instanceDetail(resource: Resource, now: number, endpoint: string): object {
  const { workspace_id, update_user } = specOf(resource);
  const address = `${endpoint}/v1/workspaces/${workspace_id}/services/instances/${resource.id}/invocations`;
  return {
    ...instanceBrief(resource, now),
    update_user: namesOnly(update_user),
    url: { name: "ApiInvoke", address, type: "PRIVATE" },
  };
}
