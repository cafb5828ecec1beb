import { clouddc as service } from "../../../src/services/clouddc/index.ts";
import type { Move, Stage } from "../stage.ts";
import { deleting } from "./deleting.ts";

const IMAGE = "0a1b2c3d-1111-4222-8333-444455556666";
const VPC = "9f8e7d6c-2222-4333-8444-555566667777";
const SUBNET = "5e4d3c2b-3333-4444-8555-666677778888";
const PASSWORD = "Str0ng-Pass";
const AN_HOUR = 60 * 60_000;

const server = (sn: string, unit: string) => {
  const maker = { manufacturer: "maker", model: "m1" };
  return { sn, ...maker, dc: "dc-1", rack: "r1", unit };
};

function wanted(server_id: string | undefined): object {
  const network_interfaces = [{ subnet_id: SUBNET }];
  const placement = { server_id };
  return { name: "node", image_id: IMAGE, vpc_id: VPC, network_interfaces, password: PASSWORD, placement };
}

const power = (action: string): Move => ({
  name: action.replace(" ", "-"),
  ask: (hands, things) => hands.call("ChangeServerPowerState", {}, { action, server_id_set: [things.server] }),
});

/** Two servers: one carries an instance that runs, the other is idle. */
export const deployed: Stage = {
  name: "clouddc",
  service,
  kinds: service.kinds,
  inventory: { clouddc: { servers: [server("sn-1", "1"), server("sn-2", "2")] } },
  async furnish(hands, pass) {
    const listed = (await hands.call("ListServers", {})) as { servers: { id: string }[] };
    const [used, idle] = listed.servers.map((one) => one.id);
    const made = (await hands.call("CreateInstance", {}, wanted(used))) as { instance_id: string };
    await pass(AN_HOUR);
    return { server: used ?? "", idle: idle ?? "", instance: made.instance_id };
  },
  moves: [
    { name: "delete", ask: (hands, { instance }) => hands.call("DeleteInstance", { id: instance }) },
    {
      name: "reinstall",
      ask: (hands, { instance }) => hands.call("ReinstallOS", {}, { password: PASSWORD, instance_id_set: [instance] }),
    },
    {
      name: "modify-ip",
      ask: (hands, { instance }) =>
        hands.call("ModifyInstanceIp", { id: instance }, { nics: [{ subnet_id: SUBNET, ip_address: "" }] }),
    },
    power("power off"),
    power("rebooting"),
    { name: "create-on-idle", ask: (hands, { idle }) => hands.call("CreateInstance", {}, wanted(idle)) },
    { name: "create-on-used", ask: (hands, things) => hands.call("CreateInstance", {}, wanted(things.server)) },
  ],
};

export const deployedDeleting = deleting(deployed, "delete", "instance", [power("power off")]);
