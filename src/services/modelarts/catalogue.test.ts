import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, startNotebooks } from "../../../test/notebooks.ts";
import { catalogueOf } from "./catalogue.ts";
import { DEFAULT_CATALOGUE } from "./flavors.ts";
import { modelarts } from "./index.ts";

const flavor = { name: "mine.2u", type: "CPU", params: { CPU: 2 }, storage_list: ["evs"], capacity: 3 };
const profile = { id: "Mine", description: "d", category: "c", flavor_types: ["CPU"], image_name: "i", image_tag: "1" };

test("without an inventory the catalogue is the default one, and it agrees with itself", () => {
  assert.deepEqual(catalogueOf({}), DEFAULT_CATALOGUE);
  assert.deepEqual(catalogueOf({ modelarts: structuredClone(DEFAULT_CATALOGUE) }), DEFAULT_CATALOGUE);
});

test("the inventory replaces what it names", () => {
  const catalogue = catalogueOf({ modelarts: { flavors: [flavor] }, fabric: { anything: 1 } });
  assert.deepEqual(catalogue.flavors, [flavor]);
  assert.deepEqual(catalogue.profiles, DEFAULT_CATALOGUE.profiles);
});

test("the sizes of flavors bound the world; a flavor without one has none", () => {
  const endless = { ...flavor, name: "mine.8u", capacity: undefined };
  assert.deepEqual(modelarts.capacity?.({ modelarts: { flavors: [flavor, JSON.parse(JSON.stringify(endless))] } }), {
    "mine.2u": 3,
  });
});

const WRONG: [inventory: unknown, said: RegExp][] = [
  ["flavors", /^setting inventory\.modelarts \(ebb\.yaml\) is "flavors"; allowed: a value that must be object/],
  [{ flavours: [] }, /^setting inventory\.modelarts\.flavours .* allowed: nothing of this name/],
  [{ flavors: [] }, /^setting inventory\.modelarts\.flavors .*1/],
  [
    { flavors: [flavor, { ...flavor, name: "b", type: "TPU" }] },
    /^setting inventory\.modelarts\.flavors\[1\]\.type .* is "TPU"; allowed: CPU, GPU, ASCEND/,
  ],
  [{ flavors: [{ ...flavor, capacity: -1 }] }, /^setting inventory\.modelarts\.flavors\[0\]\.capacity .* is -1; /],
  [
    { flavors: [{ ...flavor, storage_list: ["efs"] }] },
    /^setting inventory\.modelarts\.flavors\[0\]\.storage_list\[0\] .*obs/,
  ],
  [{ flavors: [{ name: "a" }] }, /^setting inventory\.modelarts\.flavors\[0\]\.type .* is missing/],
  [
    { flavors: [flavor, flavor] },
    /^setting inventory\.modelarts\.flavors\[1\] .* is "mine\.2u"; allowed: each only once/,
  ],
  [{ profiles: [profile, profile] }, /^setting inventory\.modelarts\.profiles\[1\] .* is "Mine"/],
  [{ workspaces: ["team"] }, /^setting inventory\.modelarts\.workspaces\[0\] .* is "team"/],
];

for (const [inventory, said] of WRONG) {
  test(`an inventory of ${JSON.stringify(inventory)} stops the start with the setting's name`, () => {
    assert.throws(() => modelarts.capacity?.({ modelarts: inventory }), { name: "SettingError", message: said });
  });
}

test("a server with a wrong inventory does not start", async (t) => {
  const inventory = { modelarts: { flavors: [{ ...flavor, type: "TPU" }] } };
  await assert.rejects(startNotebooks(t, { settings: { inventory } }), { name: "SettingError" });
});

test("what the inventory lists can be created, and nothing else", async (t) => {
  const inventory = { modelarts: { flavors: [flavor], profiles: [profile] } };
  const it = await startNotebooks(t, { settings: { inventory } });
  assertRefused(await it.create(), "6323");
  assertRefused(await it.create({ flavor: "mine.2u" }), "6336");
  const mine = { flavor: "mine.2u", profile_id: "Mine" };
  assertRefused(await it.create(mine), "6324");
  const { status, body } = await it.create({ ...mine, spec: { storage: { type: "evs" } } });
  assert.equal(status, 200);
  assert.deepEqual(body.flavor_details, {
    name: "mine.2u",
    type: "CPU",
    status: "onSale",
    params: { CPU: 2 },
    storage_list: ["evs"],
  });
});
