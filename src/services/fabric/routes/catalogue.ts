import { Type } from "typebox";
import { operation, pageByOffset } from "../../../wire/index.ts";
import { catalogueOf, specView } from "../catalogue.ts";
import { DEFAULT_LIMIT, Limit, Offset } from "../schemas.ts";

const SPEC_TYPES = ["APU", "DPU", "MU", "RESOURCE_USAGE_UNIT", "TOKENS_USAGE_UNIT"] as const;

export const listSpecs = operation({
  id: "ListSpecs",
  method: "GET",
  path: "/v1/specs",
  summary: "Lists the compute specifications",
  action: null,
  access: "account",
  success: 200,
  query: Type.Object({
    offset: Offset,
    limit: Limit,
    spec_code: Type.Optional(Type.String({ maxLength: 64 })),
    spec_types: Type.Optional(Type.Array(Type.Enum([...SPEC_TYPES]), { maxItems: 10 })),
    scenario: Type.Optional(Type.Enum(["COMPUTE", "ENDPOINT"])),
  }),
  async handle({ query }, { inventory }) {
    const { spec_code, spec_types } = query;
    const matching = catalogueOf(inventory).specs.filter(
      (one) => (!spec_code || one.spec_code === spec_code) && (!spec_types || spec_types.includes(one.spec_type)),
    );
    const page = pageByOffset(matching, query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    return { body: { total: matching.length, spec_codes: page.map(specView) } };
  },
});

export const listBaseModels = operation({
  id: "ListBaseModels",
  method: "GET",
  path: "/v1/base-models",
  summary: "Lists the types of models that can be served",
  action: "DataArtsFabric:model:list",
  success: 200,
  query: Type.Object({ offset: Offset, limit: Limit }),
  async handle({ query }, { inventory }) {
    const { base_models } = catalogueOf(inventory);
    const models = pageByOffset(base_models, query.offset ?? 0, query.limit ?? DEFAULT_LIMIT);
    return { body: { total: base_models.length, models } };
  },
});

/** One path for the two families' ShowAdminHealthCheck and ShowEpHealthCheck, which have a host each. */
export const showHealthCheck = operation({
  id: "ShowAdminHealthCheck",
  method: "GET",
  path: "/healthcheck",
  summary: "Answers that the service is there",
  action: null,
  access: "anyone",
  success: 200,
  handle: async () => ({ body: "ok", headers: { "content-type": "text/plain; charset=utf-8" } }),
});
