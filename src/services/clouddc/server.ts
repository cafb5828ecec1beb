import { changes, type Kind, listDescendants, type Resource } from "../../lifecycle/index.ts";
import { INSTANCE, SERVER } from "./names.ts";
import type { HardwareSeen } from "./parts.ts";

type Power = "on" | "off" | "rebooted";

/** A server as the inventory has it, and what was last asked of its power. */
export interface ServerSpec {
  sn: string;
  manufacturer: string;
  model: string;
  main_board_manufacturer?: string;
  main_board_serial_number?: string;
  location: { dc: string; rack: string; unit: string };
  frozen_state: number;
  health_state: string;
  /** RFC 3339. */
  onboard_time: string;
  domain_id: string;
  tags: { key: string; value: string }[];
  /** Lists of components, in the words of the wire. */
  hardware: Record<string, readonly object[]>;
  power?: Power;
  /** Counts the requests to change the power. */
  turn?: number;
}

/** What the world answered: the power, and the request to which that was the answer. */
export interface ServerFacts {
  power?: "on" | "off";
  turn?: number;
}

export const serverSpec = (server: Resource): ServerSpec => server.spec as unknown as ServerSpec;
export const serverFacts = (server: Resource): ServerFacts => server.facts;

/** Every state but in-use follows from the inventory alone. */
const FREE = ["onboard", "os-ready", "ready", "maintain", "offboarding"];
const between = (state: string) => FREE.filter((one) => one !== state);

/** Records that the inventory puts in place; in-use from the acceptance of an instance until that is terminated. */
export const serverKind: Kind = {
  name: SERVER,
  gone: "offboarded",
  moves: {
    ...Object.fromEntries(FREE.map((state) => [state, between(state)])),
    ready: [...between("ready"), "in-use"],
    "in-use": ["ready"],
  },
  verbs: {
    create: { from: [], during: "ready", then: "ready", failed: "ready", version: 1, plan: () => [] },
    power: {
      from: [...FREE, "in-use"],
      version: 1,
      plan: () => ["set-power"],
      after: async (effects, server) => {
        const { power } = serverFacts(server);
        const [from, to] = power === "off" ? ["running", "stopped"] : ["stopped", "running"];
        for (const one of await listDescendants(effects.tx, server.id)) {
          if (one.kind === INSTANCE && one.state === from) await effects.move(one.id, to);
        }
      },
    },
    offboard: {
      from: FREE,
      during: "offboarding",
      then: "offboarded",
      failed: "offboarding",
      version: 1,
      aborts: ["power"],
      plan: () => [],
    },
  },
  steps: {
    "set-power": changes({
      domain: "servers",
      type: "machine",
      ref: (server) => server.id,
      spec: (server) => ({ power: serverSpec(server).power ?? "on" }),
      facts: ({ power }, server) => ({ power, turn: serverSpec(server).turn ?? 0 }),
    }),
  },
};

/** What a request to change the power adds to the server's spec. */
export const powerTurn = (server: Resource, power: Power): Pick<ServerSpec, "power" | "turn"> => ({
  power,
  turn: (serverSpec(server).turn ?? 0) + 1,
});

/** True while a change of the power is under way. */
export const isPowering = (server: Resource): boolean =>
  (serverSpec(server).turn ?? 0) !== (serverFacts(server).turn ?? 0) && server.error === null;

/** Free to take an instance. */
export const isIdle = (server: Resource): boolean =>
  server.state === "ready" && serverSpec(server).frozen_state === 0 && !isPowering(server);

const ACTION: Record<Power, string> = { on: "power-on", off: "power-off", rebooted: "reboot" };

function operationState(server: Resource): string | undefined {
  const { power } = serverSpec(server);
  if (!power) return undefined;
  const end = isPowering(server) ? "processing" : server.error ? "failed" : "succeed";
  return `${ACTION[power]}-${end}`;
}

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const hardwareSummary = (server: Resource): object => {
  const { sn, manufacturer, model, main_board_manufacturer, main_board_serial_number } = serverSpec(server);
  return present({ sn, manufacturer, model, main_board_manufacturer, main_board_serial_number });
};

export function serverView(server: Resource): object {
  const { domain_id, frozen_state, health_state, onboard_time, location, tags } = serverSpec(server);
  return present({
    id: server.id,
    name: server.name,
    project_id: server.tenant,
    domain_id,
    manage_state: server.state,
    frozen_state,
    power_state: serverFacts(server).power ?? "on",
    operation_state: operationState(server),
    health_state,
    onboard_time,
    location,
    hardware_attributes: hardwareSummary(server),
    tags,
  });
}

/** What the machine says wins over the inventory. */
export const hardwareView = (server: Resource, seen: HardwareSeen): object => ({
  summary: { ...hardwareSummary(server), ...seen.summary },
  ...serverSpec(server).hardware,
  ...seen.lists,
});
