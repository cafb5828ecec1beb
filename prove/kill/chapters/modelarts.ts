import type { Made, Script } from "../script.ts";

async function notebook(script: Script, name: string): Promise<Made> {
  const body = {
    name,
    profile_id: "Multi-Engine 1.0 (python3)-cpu",
    flavor: "modelarts.vm.cpu.2u",
    spec: { storage: { type: "evs", location: { volume_size: 20 } } },
  };
  const id = await script.make("modelarts.notebook", name, `/v1/${script.project}/demanager/instances`, body);
  return { id, remove: ["DELETE", `/v1/${script.project}/demanager/instances/${id}`] };
}

/** A notebook with a volume of its own: started anew, stopped, started, stopped by its timer, and deleted. */
export async function notebooks(script: Script, tag: string): Promise<void> {
  const one = await notebook(script, `${tag}-nb`);
  const path = `/v1/${script.project}/demanager/instances/${one.id}`;
  const turn = async (name: string, action: string) => {
    await script.act(name, "POST", `${path}/action`, { action });
    await script.settle();
  };
  await script.settle();
  await turn("restart", "restart");
  await turn("stop", "stop");
  await script.act("timer", "PUT", path, { spec: { auto_stop: { enable: true, duration: 3600 } } });
  await turn("start", "start");
  await script.pass(3_600_000);
  await script.settle();
  await script.remove(one);
}
