import type { Made, Script } from "../script.ts";

const UUID = "0a1b2c3d-1111-4222-8333-444455556666";
const PASSWORD = "Str0ng-Pass";

async function instance(script: Script, name: string): Promise<Made> {
  const nics = { network_interfaces: [{ subnet_id: UUID }] };
  const body = { name, image_id: UUID, vpc_id: UUID, password: PASSWORD, ...nics };
  const id = await script.make("clouddc.instance", name, `/v1/${script.project}/instances`, body);
  return { id, remove: ["DELETE", `/v1/${script.project}/instances/${id}`] };
}

const serverOf = async (script: Script, id: string): Promise<string> => {
  const sql = "SELECT parent_id FROM resources WHERE id = ?";
  const row = await script.read((session) => session.get<{ parent_id: string }>(sql, [id]));
  return row?.parent_id ?? "";
};

/** An operating system on a server: moved, switched off and on, put on anew, and deleted; another is deleted early. */
export async function instances(script: Script, tag: string): Promise<void> {
  const base = `/v1/${script.project}`;
  const one = await instance(script, `${tag}-os`);
  await script.settle();
  await script.act("move", "PUT", `${base}/instances/${one.id}/ip`, { nics: [{ subnet_id: UUID }] });
  await script.settle();
  const server = await serverOf(script, one.id);
  const power = (action: string) =>
    script.act(action, "PUT", `${base}/physicalservers/power-state`, { action, server_id_set: [server] });
  await power("power off");
  await script.settle();
  const anew = { password: PASSWORD, instance_id_set: [one.id] };
  await script.act("reinstall", "PUT", `${base}/instances/reinstall`, anew);
  await script.settle();
  await script.remove(one);
  await script.settle();
  const early = await instance(script, `${tag}-early`);
  await script.moment(360_000);
  await script.remove(early);
}
