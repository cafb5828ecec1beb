/** What can be had when `inventory.fabric` says nothing else. */

/** A compute specification as ListSpecs shows it. */
export interface Spec {
  spec_code: string;
  spec_type: "APU" | "DPU" | "MU" | "RESOURCE_USAGE_UNIT" | "TOKENS_USAGE_UNIT";
  resource_type: string;
  stride: number;
  unit: string;
  min_stride_num: number;
  max_stride_num: number;
  usage_measure_id: number;
  usage_factor: string;
  stride_num_whitelist: readonly number[];
}

const common = {
  stride: 1,
  min_stride_num: 1,
  max_stride_num: 10_000,
  usage_measure_id: 4,
  usage_factor: "duration",
  stride_num_whitelist: [],
};

/** The two codes are documented, as shapes; their measures are not. */
export const DEFAULT_SPECS: readonly Spec[] = [
  { spec_code: "mu.llama3.8b", spec_type: "MU", resource_type: "dataartsfabric.mu", unit: "MU", ...common },
  { spec_code: "dpu.d1x", spec_type: "DPU", resource_type: "dataartsfabric.dpu", unit: "DPU", ...common },
];

/** A base model as ListBaseModels shows it. */
export interface BaseModel {
  base_model_type: string;
  max_tokens: number;
  num_of_mu: number;
}

export const DEFAULT_BASE_MODELS: readonly BaseModel[] = [
  { base_model_type: "QWEN_2_72B", max_tokens: 16_000, num_of_mu: 8 },
  { base_model_type: "GLM_4_9B", max_tokens: 32_000, num_of_mu: 2 },
];
