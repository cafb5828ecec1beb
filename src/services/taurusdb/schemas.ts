import { Type } from "typebox";
import { PROXIES_LIMIT } from "./choices.ts";

const INSTANCE_ID = "^[A-Za-z0-9]{32}in07$";
const UUID = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";

export const ProjectId = Type.String({ pattern: "^[A-Za-z0-9]{32}$" });
export const InstanceId = Type.String({ pattern: INSTANCE_ID });
export const NodeId = Type.String({ pattern: "^[A-Za-z0-9]{32}no07$" });
export const Uuid = Type.String({ pattern: UUID });

/** For ids that are not checked as a field: a malformed one is one that does not exist. */
export const isInstanceId = (id: string): boolean => new RegExp(INSTANCE_ID).test(id);
export const isProxyId = (id: string): boolean => /^[A-Za-z0-9]{32}po01$/.test(id);
export const isJobId = (id: string): boolean => new RegExp(UUID).test(id);

/** Paths below a project, a database and a node. */
export const InProject = Type.Object({ project_id: ProjectId });
export const InInstance = Type.Object({ project_id: ProjectId, instance_id: InstanceId });
export const InNode = Type.Object({ project_id: ProjectId, instance_id: InstanceId, node_id: NodeId });

const HAN = "\\u4e00-\\u9fff";
/** Databases and proxies. A name may be used twice. The length in bytes is bounded too: see `fitsBytes`. */
export const Name = Type.String({ pattern: `^[A-Za-z${HAN}][A-Za-z0-9_${HAN}-]{3,63}$` });
export const fitsBytes = (name: string): boolean => Buffer.byteLength(name) <= 64;

export const Text = Type.String({ maxLength: 128 });

export const OnOff = Type.Enum(["ON", "OFF"]);
export const Weight = Type.Integer({ minimum: 0, maximum: 1000 });

export const Offset = Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 }));
export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }));
export const DEFAULT_LIMIT = 100;
export const DEFAULT_PROXIES_LIMIT = PROXIES_LIMIT;

/** Written as text or as a number: both are sent by clients. */
export const numberText = (pattern: string) => Type.Union([Type.String({ pattern }), Type.Integer()]);
