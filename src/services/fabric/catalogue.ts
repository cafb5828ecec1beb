import { Type } from "typebox";
import { inventoryPart } from "../../wire/index.ts";
import { type BaseModel, DEFAULT_BASE_MODELS, DEFAULT_SPECS, type Spec } from "./specs.ts";

const Closed = { additionalProperties: false };
const Code = Type.String({ minLength: 1, maxLength: 64 });
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 });
const StrideNum = Type.Integer({ minimum: 1, maximum: 10_000 });

const Inventory = Type.Object(
  {
    specs: Type.Optional(
      Type.Array(
        Type.Object(
          {
            spec_code: Code,
            spec_type: Type.Enum(["APU", "DPU", "MU", "RESOURCE_USAGE_UNIT", "TOKENS_USAGE_UNIT"]),
            resource_type: Code,
            stride: Count,
            unit: Type.String({ maxLength: 64 }),
            min_stride_num: StrideNum,
            max_stride_num: StrideNum,
            usage_measure_id: Count,
            usage_factor: Type.String({ maxLength: 64 }),
            stride_num_whitelist: Type.Array(StrideNum, { maxItems: 100 }),
            /** Units that endpoints can set aside at a time; without it there is no bound. */
            capacity: Type.Optional(Count),
          },
          Closed,
        ),
        { maxItems: 100 },
      ),
    ),
    base_models: Type.Optional(
      Type.Array(
        Type.Object(
          {
            base_model_type: Code,
            max_tokens: Type.Integer({ minimum: 1, maximum: 100_000_000 }),
            num_of_mu: Type.Integer({ minimum: 1, maximum: 128 }),
          },
          Closed,
        ),
        { maxItems: 100 },
      ),
    ),
  },
  Closed,
);

/** What can be asked for. */
export interface Catalogue {
  specs: readonly (Spec & { capacity?: number })[];
  base_models: readonly BaseModel[];
}

/**
 * The catalogue of `inventory.fabric`; what it leaves out is as in the default one.
 * @throws SettingError, which names the first thing that is wrong
 */
export function catalogueOf(inventory: Readonly<Record<string, unknown>>): Catalogue {
  return { specs: DEFAULT_SPECS, base_models: DEFAULT_BASE_MODELS, ...inventoryPart(inventory, "fabric", Inventory) };
}

/** What a caller sees of a specification: how much there is of it is not for them. */
export function specView(spec: Catalogue["specs"][number]): object {
  const { capacity: _capacity, ...view } = spec;
  return view;
}
