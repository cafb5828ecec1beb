import type { Made, Teller } from "./teller.ts";

const UUID = "0a1b2c3d-1111-4222-8333-444455556666";
const PASSWORD = "Str0ng-Pass";

async function instance(teller: Teller, name: string): Promise<Made> {
  const nics = { network_interfaces: [{ subnet_id: UUID }] };
  const body = { name, image_id: UUID, vpc_id: UUID, password: PASSWORD, ...nics };
  const id = await teller.make("clouddc.instance", name, `/v1/${teller.project}/instances`, body);
  return { id, remove: ["DELETE", `/v1/${teller.project}/instances/${id}`] };
}

const serverOf = async (teller: Teller, id: string): Promise<string> => {
  const sql = "SELECT parent_id FROM resources WHERE id = ?";
  const row = await teller.read((session) => session.get<{ parent_id: string }>(sql, [id]));
  return row?.parent_id ?? "";
};

/** An operating system on a server: moved, switched off and on, put on anew, and deleted; another is deleted early. */
export async function instances(teller: Teller, tag: string): Promise<void> {
  const base = `/v1/${teller.project}`;
  const one = await instance(teller, `${tag}-os`);
  await teller.settle();
  await teller.act("move", "PUT", `${base}/instances/${one.id}/ip`, { nics: [{ subnet_id: UUID }] });
  await teller.settle();
  const server = await serverOf(teller, one.id);
  const power = (action: string) =>
    teller.act(action, "PUT", `${base}/physicalservers/power-state`, { action, server_id_set: [server] });
  await power("power off");
  await teller.settle();
  const anew = { password: PASSWORD, instance_id_set: [one.id] };
  await teller.act("reinstall", "PUT", `${base}/instances/reinstall`, anew);
  await teller.settle();
  await teller.remove(one);
  await teller.settle();
  const early = await instance(teller, `${tag}-early`);
  await teller.moment(360_000);
  await teller.remove(early);
}

export async function furnish(teller: Teller, tag: string): Promise<Made> {
  const one = await instance(teller, `${tag}-os`);
  await teller.settle();
  return one;
}
