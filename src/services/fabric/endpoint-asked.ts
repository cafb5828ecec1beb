import { type Static, type TObject, Type } from "typebox";
import { refused } from "./dialect.ts";
import type { Compute } from "./endpoint.ts";
import { EndpointDemand, Id } from "./schemas.ts";

const SpecCode = Type.String({ minLength: 1, maxLength: 64 });
const Count = Type.Integer({ minimum: 1, maximum: 1000 });
const Warm = Type.Object({ spec_code: SpecCode, warm_up_num: Count, max_num: Type.Optional(Count) });

const Reserved = Type.Object({
  apu: Type.Optional(Warm),
  dpu: Type.Optional(Warm),
  mu: Type.Optional(EndpointDemand),
});

const Ray = Type.Object({
  head_node_resource: Type.Object({ spec_code: SpecCode }),
  work_node_resources: Type.Array(Type.Object({ name: Type.String({ maxLength: 128 }), resource: EndpointDemand }), {
    maxItems: 100,
  }),
});

/** What can be asked of an endpoint's compute, at its creation and later. */
export const Resizable = {
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  reserved_resource: Type.Optional(Reserved),
  ray_resource: Type.Optional(Ray),
  cap: Type.Optional(Type.Object({ cap_id: Id, version_id: Type.Optional(Id) })),
};

/** What only its creation can ask. */
export const AtCreation = {
  public_access: Type.Optional(Type.Boolean()),
  custom_image_id: Type.Optional(Id),
  cache_list: Type.Optional(
    Type.Array(Type.Object({ mnt_path: Type.String({ maxLength: 1024 }), cache_ins_id: Id }), { maxItems: 100 }),
  ),
  config: Type.Optional(Type.Object({ ray_service_config: Type.Optional(Type.Object({})) })),
};

export type Asked = Static<TObject<typeof Resizable & typeof AtCreation>>;

/** What the request sets aside, in one measure. Nothing asked means nothing held back and no ceiling of its own. */
export function computeOf({ reserved_resource: reserved, ray_resource: ray }: Asked): Compute {
  const warm = reserved?.dpu ?? reserved?.apu;
  if (reserved?.mu) return inOrder(reserved.mu);
  if (warm) {
    return inOrder({ spec_code: warm.spec_code, min: warm.warm_up_num, max: warm.max_num ?? warm.warm_up_num });
  }
  const worker = ray?.work_node_resources[0];
  return worker ? inOrder(worker.resource) : { spec_code: "", min: 0, max: 1000 };
}

function inOrder({ spec_code, min, max }: Compute): Compute {
  if (max < min) throw refused(`max ${max} is below min ${min}`);
  return { spec_code, min, max };
}

/** The request's fields as the answers show them: some bear another name there. Absent ones are left out. */
export function shownOf(asked: Asked): Record<string, unknown> {
  const { reserved_resource, ray_resource, cap, custom_image_id, cache_list: caches, config } = asked;
  const ray = ray_resource && {
    head_group_spec: { spec_code: ray_resource.head_node_resource.spec_code },
    worker_group_spec: ray_resource.work_node_resources.map(({ name, resource: { spec_code, min, max } }) => ({
      name,
      spec_code,
      min_replicas: min,
      max_replicas: max,
    })),
  };
  const shown = { reserved_resource, ray_resource: ray, cap, custom_image_id, caches, config };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}
