import { type Kind, nothingInside, type Resource } from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";

export const WORKSPACE = "fabric.workspace";

export interface WorkspaceSpec {
  description: string;
  metastore_id: string;
  enterprise_project_id: string;
  tags: { key: string; value: string }[];
  create_domain_name: string;
  create_user_name: string;
}

/** Whatever is in a workspace keeps it. Jobs with their runs, and instances, are what the documents call its applications. */
const BLOCKING = ["fabric.endpoint", "fabric.instance", "fabric.model", "fabric.job", "fabric.job-run"];

/** A workspace is only a record: it exists or it does not, and both happen within the request. */
export const workspaceKind: Kind = {
  name: WORKSPACE,
  gone: "DELETED",
  verbs: {
    create: { from: [], during: "CREATING", then: "ACTIVE", failed: "ACTIVE", version: 1, plan: () => [] },
    delete: {
      from: ["ACTIVE"],
      during: "DELETING",
      then: "DELETED",
      failed: "ACTIVE",
      version: 1,
      guards: [nothingInside(...BLOCKING)],
      plan: () => [],
    },
  },
  steps: {},
};

export function workspaceView({ id, name, spec, createdAt }: Resource, endpoint: string): object {
  const { description, metastore_id, enterprise_project_id, tags, create_domain_name, create_user_name } =
    spec as unknown as WorkspaceSpec;
  return {
    id,
    name,
    description,
    create_time: isoMillis(createdAt),
    create_domain_name,
    create_user_name,
    metastore_id,
    access_url: `${endpoint}/v1/workspaces/${id}`,
    enterprise_project_id,
    tags,
  };
}
