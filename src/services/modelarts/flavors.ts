import type { Catalogue } from "./catalogue.ts";

const OBS_EVS = ["obs", "evs"] as const;
const PYTHON2 = "Multi-Engine 1.0 (python2)";
const PYTHON3 = "Multi-Engine 1.0 (python3)";

/** What can be had when `inventory.modelarts` says nothing else. A flavor without a capacity never sells out. */
export const DEFAULT_CATALOGUE: Catalogue = {
  flavors: [
    { name: "modelarts.vm.cpu.2u", type: "CPU", params: { CPU: 2, GPU: 0, memory: "8GiB" }, storage_list: OBS_EVS },
    { name: "modelarts.vm.cpu.8u", type: "CPU", params: { CPU: 8, GPU: 0, memory: "32GiB" }, storage_list: OBS_EVS },
    {
      name: "modelarts.vm.gpu.p100",
      type: "GPU",
      params: { CPU: 8, GPU: 1, gpu_type: "p100", memory: "64GiB" },
      storage_list: OBS_EVS,
      capacity: 8,
    },
    {
      name: "modelarts.vm.gpu.v100",
      type: "GPU",
      params: { CPU: 8, GPU: 1, gpu_type: "v100", memory: "64GiB" },
      storage_list: OBS_EVS,
      capacity: 8,
    },
    {
      name: "modelarts.bm.gpu.v100NV32",
      type: "GPU",
      params: { CPU: 8, GPU: 1, gpu_type: "v100NV32", memory: "64GiB" },
      storage_list: OBS_EVS,
      capacity: 8,
    },
    {
      name: "modelarts.kat1.xlarge",
      type: "ASCEND",
      params: { CPU: 24, NPU: 1, graphics_memory: "32GiB", memory: "96GiB", type: "Ascend 910" },
      storage_list: OBS_EVS,
      capacity: 8,
    },
  ],
  profiles: [
    profile(`${PYTHON2}-cpu`, ["CPU"], "notebook-cpu-py2"),
    profile(`${PYTHON2}-gpu`, ["GPU"], "notebook-gpu-py2"),
    profile(`${PYTHON3}-cpu`, ["CPU"], "notebook-cpu-py3"),
    profile(`${PYTHON3}-gpu`, ["GPU"], "notebook-gpu-py3"),
    profile("Multi-Engine 2.0 (python3)", ["CPU", "GPU"], "notebook-2-py3"),
    profile("Ascend-Power-Engine 1.0(python3)", ["Ascend"], "notebook-ascend-py3"),
    profile("Power-Engine 1.0(python3)", ["CPU", "GPU", "Ascend"], "notebook-power-py3"),
    profile("TF-2.1.0&Pytorch-1.4.0-python3.6", ["CPU", "GPU"], "notebook-tf-pytorch-py3"),
    profile("Python2", ["CPU"], "notebook-py2"),
    profile("Python2-gpu", ["GPU"], "notebook-gpu-py2"),
    profile("Python3", ["CPU"], "notebook-py3"),
    profile("Python3-gpu", ["GPU"], "notebook-gpu-py3"),
  ],
  workspaces: [],
};

function profile(id: string, flavor_types: Catalogue["profiles"][number]["flavor_types"], image_name: string) {
  const category = id.replace(/-(cpu|gpu)$/, "");
  return {
    id,
    description: `${category} on ${flavor_types.join(" or ")}`,
    category,
    flavor_types,
    image_name,
    image_tag: "1.0.0",
  };
}
