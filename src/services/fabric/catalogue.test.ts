import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingError } from "../../settings/setting-error.ts";
import { catalogueOf } from "./catalogue.ts";
import { startFabric } from "./fabric-testing.ts";

const codes = (body: { spec_codes: { spec_code: string }[] }) => body.spec_codes.map(({ spec_code }) => spec_code);

test("specifications and base models are listed, filtered and paged", async (t) => {
  const { hands } = await startFabric(t);
  const all = (await hands.ask("GET", "/v1/specs")).body;
  assert.deepEqual([all.total, codes(all)], [2, ["mu.llama3.8b", "dpu.d1x"]]);
  assert.deepEqual(codes((await hands.ask("GET", "/v1/specs?spec_types=DPU")).body), ["dpu.d1x"]);
  assert.equal((await hands.ask("GET", "/v1/specs?spec_types=DPU&spec_types=MU&scenario=ENDPOINT")).body.total, 2);
  assert.deepEqual(codes((await hands.ask("GET", "/v1/specs?spec_code=mu.llama3.8b")).body), ["mu.llama3.8b"]);
  assert.equal((await hands.ask("GET", "/v1/specs?spec_types=GPU")).status, 400);
  assert.deepEqual((await hands.ask("GET", "/v1/base-models?limit=1")).body, {
    total: 2,
    models: [{ base_model_type: "QWEN_2_72B", max_tokens: 16_000, num_of_mu: 8 }],
  });
});

test("the inventory replaces what it names, and a caller does not see how much there is", async (t) => {
  const spec = {
    spec_code: "mu.small",
    spec_type: "MU",
    resource_type: "r",
    stride: 1,
    unit: "MU",
    min_stride_num: 1,
    max_stride_num: 1,
    usage_measure_id: 1,
    usage_factor: "f",
    stride_num_whitelist: [],
  };
  const inventory = { fabric: { specs: [{ ...spec, capacity: 2 }] } };
  const { hands } = await startFabric(t, { settings: { inventory } });
  assert.deepEqual((await hands.ask("GET", "/v1/specs")).body, { total: 1, spec_codes: [spec] });
  assert.equal((await hands.ask("GET", "/v1/base-models")).body.total, 2);
});

test("a wrong inventory is refused with the setting's name", () => {
  const wrong: [unknown, RegExp][] = [
    [{ sepcs: [] }, /^setting inventory\.fabric\.sepcs .*nothing of this name$/],
    [{ specs: [{}] }, /^setting inventory\.fabric\.specs\[0\]\.spec_code .* is missing/],
    [
      { base_models: [{ base_model_type: "A", max_tokens: 1, num_of_mu: 0 }] },
      /\.base_models\[0\]\.num_of_mu .* is 0; allowed: /,
    ],
    ["text", /^setting inventory\.fabric /],
  ];
  for (const [fabric, said] of wrong) {
    assert.throws(
      () => catalogueOf({ fabric }),
      (error) => error instanceof SettingError && said.test(error.message),
    );
  }
});

test("the health check answers anybody", async (t) => {
  const { ask } = await startFabric(t);
  const answer = await ask("GET", "/healthcheck");
  assert.equal(answer.status, 200);
  assert.match(answer.text, /^[A-Za-z0-9_.,-]+$/);
});
