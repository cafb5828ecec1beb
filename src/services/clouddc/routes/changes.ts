import { Type } from "typebox";
import type { Accepting, Resource } from "../../../lifecycle/index.ts";
import { operation } from "../../../wire/index.ts";
import { Addresses } from "../addresses.ts";
import { getAll, someIds } from "../batch.ts";
import { PASSWORD_FROM, PASSWORD_STATUS, REINSTALL_FROM } from "../choices.ts";
import { holdPlacing, switchOn } from "../deploy.ts";
import { refuse } from "../dialect.ts";
import { instanceSpec } from "../instance.ts";
import { isMoving } from "../instance-view.ts";
import { INSTANCE, SERVER } from "../names.ts";
import { checkPassword } from "../password.ts";
import { Address, IdSet, MOST_NICS, OneOf, OtherId, Password, Project, Uuid } from "../schemas.ts";
import { isPowering } from "../server.ts";

/** Refuses the whole batch when any of it is in another state, and names all that are. */
function mustAllBe(instances: readonly Resource[], fits: (one: Resource) => boolean): void {
  const others = instances.filter((one) => !fits(one)).map((one) => one.id);
  if (others.length > 0) throw refuse.notReady(INSTANCE, others);
}

/** What is half deleted is not brought back: after a failed delete only another delete is accepted. */
const canReinstall = (one: Resource) =>
  (REINSTALL_FROM as readonly string[]).includes(one.state) && one.error?.verb !== "delete" && !isMoving(one);

async function startReinstall(accepting: Accepting, one: Resource, imageId: string, jobId: string): Promise<void> {
  const server = await accepting.get(SERVER, one.parentId ?? "");
  if (isPowering(server)) throw refuse.notReady(SERVER, [server.id]);
  await switchOn(accepting, server);
  const image_id = imageId || instanceSpec(one).image_id;
  await accepting.submit("reinstall", one, { jobId, spec: { image_id, operation: "reinstall" } });
}

export const reinstallOs = operation({
  id: "ReinstallOS",
  method: "PUT",
  path: "/v1/{project_id}/instances/reinstall",
  summary: "Starts putting an image on instances anew: all, or none",
  action: "clouddc:instance:reinstallOS",
  success: 202,
  params: Project,
  body: Type.Object({
    image_id: Type.Optional(Type.Union([Uuid, Type.Literal("")])),
    password: Password,
    instance_id_set: IdSet,
  }),
  emptyBody: {},
  async handle({ body, caller }, { lifecycle, ids }) {
    checkPassword(body.password);
    const named = someIds("instance_id_set", body.instance_id_set);
    const found = await lifecycle.accept(caller, async (accepting) => {
      const instances = await getAll(accepting, INSTANCE, named);
      mustAllBe(instances, canReinstall);
      const jobId = ids.uuid();
      for (const one of instances) await startReinstall(accepting, one, body.image_id ?? "", jobId);
      return instances;
    });
    return { body: { instances: found.map(({ id }) => ({ id })) } };
  },
});

export const changeInstancePassword = operation({
  id: "ChangeInstancePassword",
  method: "PUT",
  path: "/v1/{project_id}/instances/password",
  summary: "Changes the administrator's password of instances: of all, or of none",
  action: "clouddc:instance:changePassword",
  success: PASSWORD_STATUS,
  params: Project,
  body: Type.Object({ new_password: Type.String({ minLength: 1, maxLength: 128 }), instance_id_set: IdSet }),
  emptyBody: {},
  async handle({ body, caller }, { lifecycle }) {
    const named = someIds("instance_id_set", body.instance_id_set);
    const found = await lifecycle.accept(caller, async (accepting) => {
      const instances = await getAll(accepting, INSTANCE, named);
      mustAllBe(instances, (one) => (PASSWORD_FROM as readonly string[]).includes(one.state));
      const facts = { password_changed_at: accepting.now };
      for (const one of instances) await accepting.change(one, { facts });
      return instances;
    });
    return { body: { instances: found.map(({ id }) => ({ id })) } };
  },
});

export const modifyInstanceIp = operation({
  id: "ModifyInstanceIp",
  method: "PUT",
  path: "/v1/{project_id}/instances/{id}/ip",
  summary: "Starts giving an instance other addresses",
  action: "clouddc:instance:updateIP",
  success: 202,
  params: OneOf,
  body: Type.Object({
    vpc_id: Type.Optional(OtherId),
    nics: Type.Optional(
      Type.Array(Type.Object({ subnet_id: OtherId, ip_address: Address }), { minItems: 1, maxItems: MOST_NICS }),
    ),
  }),
  emptyBody: {},
  async handle({ params, body, caller }, { lifecycle }) {
    await lifecycle.accept(caller, async (accepting) => {
      await holdPlacing(accepting);
      const found = await accepting.get(INSTANCE, params.id);
      const { vpc_id, network_interfaces } = instanceSpec(found);
      const wanted = body.nics?.map(({ subnet_id, ip_address }) => ({ subnet_id, ipv4_address: ip_address }));
      const addresses = await Addresses.of(accepting, found);
      const spec = {
        vpc_id: body.vpc_id ?? vpc_id,
        network_interfaces: wanted ? addresses.assign(wanted) : network_interfaces,
        operation: "modify-ip",
      };
      await accepting.submit("modify-ip", found, { spec });
    });
    return {};
  },
});
