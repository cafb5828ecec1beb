import { nobodyNeedsIt, type Resource } from "../../lifecycle/index.ts";
import { isoMillis } from "../../wire/index.ts";
import type { User } from "./users.ts";
import { passOn, recordKind, type Versioned, versionView } from "./versions.ts";

export const MODEL = "fabric.model";
export const MODEL_VERSION = "fabric.model-version";

export interface ModelSpec extends Versioned {
  description: string;
  type: "LLM_MODEL";
  create_user: User;
  update_user: User;
}

/** A definition in versions, its children. A version that an instance serves is kept, and with it the model. */
export const modelKind = recordKind(MODEL, { guards: [nobodyNeedsIt], cascade: [MODEL_VERSION] });
export const modelVersionKind = recordKind(MODEL_VERSION, { guards: [nobodyNeedsIt], after: passOn });

/** Where a version's files are, as it was said; empty when it was not. */
export function modelPathOf(version: Resource): string {
  const { config } = version.spec as { config?: { llm_model_config?: { model_path?: string } } };
  return config?.llm_model_config?.model_path ?? "";
}

/** `current` is absent once all its versions are deleted. */
export function modelView(model: Resource, current: Resource | undefined): object {
  const { description, type, create_user, update_user } = model.spec as unknown as ModelSpec;
  return {
    visibility: "PRIVATE",
    id: model.id,
    name: model.name,
    description,
    type,
    create_time: isoMillis(model.createdAt),
    update_time: isoMillis(model.updatedAt),
    ...(current ? { current_version: versionView(current) } : {}),
    create_user,
    update_user,
  };
}
