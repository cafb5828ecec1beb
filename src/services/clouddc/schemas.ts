import { Type } from "typebox";
import { BATCH_MOST, ID_PATTERN } from "./choices.ts";

export const ProjectId = Type.String({ minLength: 1, maxLength: 64 });
export const Uuid = Type.String({ pattern: ID_PATTERN });
export const Project = Type.Object({ project_id: ProjectId });
export const OneOf = Type.Object({ project_id: ProjectId, id: Uuid });

/** The ids of a batch. They may be left out as far as the page goes; the operation then says what is missing. */
export const IdSet = Type.Optional(Type.Array(Uuid, { maxItems: BATCH_MOST }));

/** Outside 10 to 1000 it is moved to the nearer end, not refused. */
export const Limit = Type.Optional(Type.Integer());
export const Marker = Type.Optional(Type.String({ maxLength: 64 }));

/** Ids of things of other services. */
export const OtherId = Type.String({ pattern: "^[A-Za-z0-9-]{1,64}$" });
const IPV4 = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
/** "" asks for a free one, as leaving it out does. */
export const Address = Type.Optional(Type.String({ pattern: `^(${IPV4}(\\.${IPV4}){3})?$` }));
export const Subnet = Type.Object({ subnet_id: OtherId });
export const Nic = Type.Object({ subnet_id: OtherId, ipv4_address: Address });
export const MOST_NICS = 2;

export const Password = Type.String({ minLength: 8, maxLength: 26 });

/** What both creates ask for. */
export const Wanted = {
  name: Type.String({ pattern: "^[A-Za-z0-9_.\\u4e00-\\u9fff-]{1,63}$" }),
  image_id: Uuid,
  vpc_id: OtherId,
  password: Password,
  metadata: Type.Optional(
    Type.Record(Type.String({ pattern: "^[A-Za-z0-9_: .-]{1,255}$" }), Type.String({ maxLength: 255 }), {
      maxProperties: 10,
      additionalProperties: false,
    }),
  ),
  description: Type.Optional(Type.String({ maxLength: 255 })),
};

/** The states of the documents, and those of older ones that filters still take. */
export const INSTANCE_STATES = [
  "pending",
  "running",
  "stopped",
  "shutting-down",
  "terminated",
  "error",
  "stopping",
  "reinstalling",
  "failed",
  "modifyIping",
  "switch-installing",
] as const;

/** `frozen` asks for servers with a frozen_state; `delivering` and `received` are of older documents. */
export const MANAGE_STATES = [
  "onboard",
  "os-ready",
  "ready",
  "in-use",
  "maintain",
  "frozen",
  "offboarding",
  "delivering",
  "received",
] as const;

export const POWER_ACTIONS = ["power on", "power off", "rebooting"] as const;
