import { changes, type Kind, makes, type Resource, refOf, type Step, stampOf, unmakes } from "../../lifecycle/index.ts";
import { MODIFY_IP_FROM, POWER_DEADLINE_MS, REINSTALL_FROM } from "./choices.ts";
import { INSTANCE } from "./names.ts";

export interface NetworkInterface {
  subnet_id: string;
  ipv4_address: string;
}

/** What was asked for, with the addresses that were chosen. The password is not kept. */
export interface InstanceSpec {
  image_id: string;
  vpc_id: string;
  network_interfaces: NetworkInterface[];
  metadata: Record<string, string>;
  description: string;
  /** What runs or ran last, in the words of operation_state. */
  operation: "install" | "reinstall" | "modify-ip" | "uninstall";
}

/** What the world last answered. */
export interface InstanceFacts {
  vpc_id?: string;
  network_interfaces?: NetworkInterface[];
  /** When it first ran, ms since the epoch. */
  launched_at?: number;
}

export const instanceSpec = (instance: Resource): InstanceSpec => instance.spec as unknown as InstanceSpec;
export const instanceFacts = (instance: Resource): InstanceFacts => instance.facts;

const osOf = (instance: Resource) => {
  const { image_id, network_interfaces } = instanceSpec(instance);
  return {
    server: instance.parentId ?? "",
    image: image_id,
    addresses: network_interfaces.map((one) => one.ipv4_address),
    hostname: instance.name,
  };
};

const asAsked = (instance: Resource) => {
  const { vpc_id, network_interfaces } = instanceSpec(instance);
  return { vpc_id, network_interfaces };
};

/** Waits for the power of the server, which an operation of the server itself switches on. */
const powered: Step = {
  deadlineMs: POWER_DEADLINE_MS,
  perform: async () => {},
  async probe({ drivers, resource }) {
    const server = resource.parentId ?? "";
    const look = await drivers.servers.look("machine", server);
    if (look.is === "ready" && look.facts.power === "on") return { is: "done" };
    if (look.is === "broken") return { ...look, is: "refused" };
    if (look.is === "absent" || look.is === "ready") {
      return { is: "not-yet", again: 5_000, waitingFor: `server ${server} is off or away`, on: [server] };
    }
    return { is: "not-yet", again: look.again, waitingFor: `server ${server} is ${look.is}`, on: [server] };
  },
};

const made = makes({ domain: "servers", type: "os", spec: osOf, facts: (_facts, instance) => asAsked(instance) });

/** Notes when the instance first ran. */
const install: Step = {
  ...made,
  async probe(work) {
    const answer = await made.probe(work);
    if (answer.is !== "done") return answer;
    return { ...answer, facts: { launched_at: instanceFacts(work.resource).launched_at ?? work.now, ...answer.facts } };
  },
};

/** Puts an image on a server whether or not the last attempt has left something there. */
const reinstall: Step = {
  ...install,
  async perform(work) {
    const { drivers, resource } = work;
    const ref = refOf(resource, "os");
    const { is } = await drivers.servers.look("os", ref);
    if (is === "absent") await drivers.servers.make("os", ref, osOf(resource), stampOf(work));
    else await drivers.servers.change("os", ref, osOf(resource), stampOf(work));
  },
};

const life = { during: "pending", then: "running", failed: "error", version: 2 };

/** An operating system deployed on a whole server. */
export const instanceKind: Kind = {
  name: INSTANCE,
  gone: "terminated",
  // The power of the server takes its instance along.
  moves: { running: ["stopped"], stopped: ["running"] },
  verbs: {
    create: { ...life, from: [], plan: () => ["server-powered", "claim-disks", "install"] },
    reinstall: { ...life, from: REINSTALL_FROM, plan: () => ["server-powered", "claim-disks", "reinstall"] },
    "modify-ip": { from: MODIFY_IP_FROM, version: 1, plan: () => ["readdress"] },
    delete: {
      from: ["pending", "running", "stopped", "error"],
      during: "shutting-down",
      then: "terminated",
      failed: "error",
      version: 2,
      aborts: ["create", "reinstall", "modify-ip"],
      writes: async () => ({ operation: "uninstall" satisfies InstanceSpec["operation"] }),
      plan: () => ["uninstall", "wipe"],
      after: (effects, instance) => effects.move(instance.parentId ?? "", "ready"),
    },
  },
  steps: {
    "server-powered": powered,
    "claim-disks": makes({ domain: "servers", type: "disks", spec: ({ parentId }) => ({ server: parentId ?? "" }) }),
    install,
    reinstall,
    readdress: changes({
      domain: "servers",
      type: "os",
      spec: (instance) => ({ addresses: osOf(instance).addresses }),
      facts: (_facts, instance) => asAsked(instance),
    }),
    uninstall: unmakes("servers", "os"),
    // Its server is ready again only once its disks are clean: until then it stays in use.
    wipe: unmakes("servers", "disks"),
  },
};
