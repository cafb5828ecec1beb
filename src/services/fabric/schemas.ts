import { Type } from "typebox";

/** Any id in a path or a filter. */
export const Id = Type.String({ pattern: "^[A-Za-z0-9-]{1,36}$" });

const HAN = "\\u4e00-\\u9fff";
/** Names of endpoints, models, instances and jobs. */
export const nameUpTo = (most: number) => Type.String({ pattern: `^[A-Za-z0-9_. ${HAN}-]{1,${most}}$` });
export const WorkspaceName = Type.String({ pattern: "^[A-Za-z0-9-]{4,32}$" });
/** A part of a name, in a filter. It may be wider than the pages say, because names are. */
export const NamePart = Type.Optional(Type.String({ maxLength: 128 }));
/** What a model, a version or an instance is said to be. */
export const Description = Type.String({ maxLength: 1024, pattern: "^[^!<>=&\"']*$" });

export const Offset = Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 0 }));
export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 }));
export const DEFAULT_LIMIT = 10;

/** Whose things a list shows; all are private, so that PUBLIC shows none. */
export const Visibility = Type.Optional(Type.Enum(["PRIVATE", "PUBLIC", "ALL", ""]));
export const Order = Type.Optional(Type.Enum(["ASC", "DESC"]));

/** The greatest count that a 32-bit client can read. */
const MOST = 2 ** 31 - 1;
const SpecCode = Type.String({ minLength: 1, maxLength: 64 });

/** An endpoint's compute: its floor may be 0, and no page gives its ceiling a bound. */
export const EndpointDemand = Type.Object({
  spec_code: SpecCode,
  min: Type.Integer({ minimum: 0, maximum: MOST }),
  max: Type.Integer({ minimum: 1, maximum: MOST }),
});

/** An instance's compute. */
export const InstanceDemand = Type.Object({
  spec_code: SpecCode,
  min: Type.Integer({ minimum: 1, maximum: 1000 }),
  max: Type.Integer({ minimum: 1, maximum: 1000 }),
});

export const TagKey = Type.String({ pattern: "^[\\p{L}\\p{N} \\t_.:/=+@-]{1,128}$" });
export const TagValue = Type.String({ pattern: "^[\\p{L}\\p{N} \\t_.:/=+@-]{0,255}$" });
export const Tag = Type.Object({ key: TagKey, value: Type.Optional(TagValue) });
