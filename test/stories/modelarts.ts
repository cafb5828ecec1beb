import type { Made, Teller } from "./teller.ts";

async function notebook(teller: Teller, name: string): Promise<Made> {
  const body = {
    name,
    profile_id: "Multi-Engine 1.0 (python3)-cpu",
    flavor: "modelarts.vm.cpu.2u",
    spec: { storage: { type: "evs", location: { volume_size: 20 } } },
  };
  const id = await teller.make("modelarts.notebook", name, `/v1/${teller.project}/demanager/instances`, body);
  return { id, remove: ["DELETE", `/v1/${teller.project}/demanager/instances/${id}`] };
}

/** A notebook with a volume of its own: started anew, stopped, started, stopped by its timer, and deleted. */
export async function notebooks(teller: Teller, tag: string): Promise<void> {
  const one = await notebook(teller, `${tag}-nb`);
  const path = `/v1/${teller.project}/demanager/instances/${one.id}`;
  const turn = async (name: string, action: string) => {
    await teller.act(name, "POST", `${path}/action`, { action });
    await teller.settle();
  };
  await teller.settle();
  await turn("restart", "restart");
  await turn("stop", "stop");
  await teller.act("timer", "PUT", path, { spec: { auto_stop: { enable: true, duration: 3600 } } });
  await turn("start", "start");
  await teller.pass(3_600_000);
  await teller.settle();
  await teller.remove(one);
}

/** A notebook that is stopped: a running one is not deleted. */
export async function furnish(teller: Teller, tag: string): Promise<Made> {
  const one = await notebook(teller, `${tag}-nb`);
  await teller.settle();
  // Told beside another story, whose hours its timer counts too, it may have stopped by itself.
  await teller.perhaps("stop", "POST", `/v1/${teller.project}/demanager/instances/${one.id}/action`, {
    action: "stop",
  });
  await teller.settle();
  return one;
}
