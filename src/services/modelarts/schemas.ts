import { type Static, Type } from "typebox";
import { DURATION_S, VOLUME_GB } from "./choices.ts";

/** One of these words. The type is said apart, so that a number is told from a wrong word. */
export const oneOf = <const Words extends string[]>(words: [...Words]) => Type.Enum(words, { type: "string" });

export const InProject = Type.Object({ project_id: Type.String() });
/** Ids are looked up as they are given: samples show them with the `DE-` before the UUID and without it. */
export const OfInstance = Type.Object({ project_id: Type.String(), instance_id: Type.String() });

export const Name = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_-]*$" });
export const Description = Type.String({ maxLength: 512, pattern: "^[^&<>\"'/]*$" });

/** A request's storage. OBS storage must say where; `volume_size` is for EVS only, and in GB. */
export const Storage = Type.Object(
  {
    type: Type.String(),
    location: Type.Optional(
      Type.Object({
        path: Type.Optional(Type.String({ maxLength: 1024 })),
        volume_size: Type.Optional(Type.Integer({ description: `from ${VOLUME_GB.least} to ${VOLUME_GB.most}` })),
      }),
    ),
  },
  {
    if: { properties: { type: { const: "obs" } }, required: ["type"] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { required: ["location"], properties: { location: { required: ["path"] } } },
  },
);

/** A parallel file system mounted beside the storage; `path` is its bucket. */
export const ExtendStorage = Type.Object({
  type: Type.String(),
  location: Type.Object({
    path: Type.String({ minLength: 1, maxLength: 1024 }),
    mount_path: Type.Optional(Type.String({ maxLength: 1024 })),
    access_modes: Type.Optional(oneOf(["ReadOnlyMany", "ReadWriteMany"])),
  }),
});

export const AutoStop = Type.Object({
  enable: Type.Optional(Type.Boolean()),
  duration: Type.Optional(Type.Integer({ description: `seconds, from ${DURATION_S.least} to ${DURATION_S.most}` })),
  prompt: Type.Optional(Type.Boolean()),
});

export const Pool = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 128 }),
  name: Type.Optional(Type.String({ maxLength: 128 })),
  type: Type.Optional(Type.String({ maxLength: 64 })),
  owner: Type.Optional(Type.Object({ project_id: Type.Optional(Type.String({ maxLength: 64 })) })),
});

export const CreateBody = Type.Object({
  name: Name,
  profile_id: Type.String({ minLength: 1, maxLength: 128 }),
  description: Type.Optional(Description),
  flavor: Type.String({ minLength: 1, maxLength: 128 }),
  spec: Type.Object({
    storage: Storage,
    extend_storage: Type.Optional(Type.Array(ExtendStorage, { maxItems: 100 })),
    auto_stop: Type.Optional(AutoStop),
    annotations: Type.Optional(Type.Record(Type.String(), Type.String(), { maxProperties: 100 })),
  }),
  workspace: Type.Optional(Type.Object({ id: Type.Optional(Type.String()) })),
  pool: Type.Optional(Pool),
  ai_project: Type.Optional(Type.Object({ id: Type.Optional(Type.String()) })),
});
export type CreateBody = Static<typeof CreateBody>;

export const ModifyBody = Type.Object({
  description: Type.Optional(Description),
  spec: Type.Optional(Type.Object({ auto_stop: Type.Optional(AutoStop) })),
});

/** Every documented status, and DELETING, which instances show too. */
const STATUSES = [
  "CREATE_QUEUING",
  "CREATING",
  "CREATE_FAILED",
  "START_QUEUING",
  "READY_TO_START",
  "STARTING",
  "RESTARTING",
  "START_FAILED",
  "RUNNING",
  "STOPPING",
  "STOPPED",
  "UNAVAILABLE",
  "DELETING",
  "DELETED",
  "RESIZING",
  "RESIZE_FAILED",
];

const MOST = 1_000_000_000;

export const ListQuery = Type.Object({
  de_type: oneOf(["Notebook"]),
  provision_type: Type.Optional(oneOf(["Docker"])),
  status: Type.Optional(oneOf(STATUSES)),
  sortby: Type.Optional(oneOf(["name", "creation_timestamp"])),
  order: Type.Optional(oneOf(["asc", "desc"])),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: MOST })),
  limit: Type.Optional(Type.Integer({ minimum: 0, maximum: MOST, description: "0 for all" })),
  workspace_id: Type.Optional(Type.String({ maxLength: 64 })),
  show_self: Type.Optional(oneOf(["true", "false"])),
  ai_project: Type.Optional(Type.String({ maxLength: 128 })),
  pool_id: Type.Optional(Type.String({ maxLength: 128 })),
});
export type ListQuery = Static<typeof ListQuery>;
