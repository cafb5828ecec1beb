import { type Static, Type } from "typebox";
import { checked } from "../../settings/checked.ts";

const strict = { additionalProperties: false };
const Text = Type.String({ minLength: 1, maxLength: 1024 });
const Folder = Type.String({ pattern: "^/", maxLength: 1024 });
const Words = Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 64 });
const Port = Type.Integer({ minimum: 1024, maximum: 65_535 });
const Seconds = Type.Integer({ minimum: 1, maximum: 3_600 });
const Limits = Type.Object(
  { cpus: Type.Number({ minimum: 0.01 }), memory_mb: Type.Integer({ minimum: 64 }) },
  { ...strict },
);

/** What may stand under `drivers.containers`; everything has a default. */
const Asked = Type.Partial(
  Type.Object(
    {
      socket: Folder,
      mark: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,30}$" }),
      network: Type.Enum(["bridge", "host"]),
      ports: Type.Object({ from: Port, to: Port }, strict),
      start_seconds: Seconds,
      stop_seconds: Type.Integer({ minimum: 1, maximum: 60 }),
      drain_seconds: Seconds,
      buckets: Folder,
      models: Folder,
      limits: Type.Record(Type.String(), Limits),
      images: Type.Partial(
        Type.Object({ notebook: Text, database: Text, proxy: Text, inference: Text, run: Text }, strict),
      ),
      notebook: Type.Partial(Type.Object({ command: Words, folder: Folder }, strict)),
      database: Type.Partial(
        Type.Object({ user: Type.String({ pattern: "^[a-z_]{1,32}$" }), password: Text, arguments: Words }, strict),
      ),
      inference: Type.Partial(
        Type.Object(
          {
            command: Words,
            port: Port,
            health: Type.String({ pattern: "^/" }),
            busy_at: Type.Integer({ minimum: 1, maximum: 1_000 }),
            idle_seconds: Seconds,
          },
          strict,
        ),
      ),
    },
    strict,
  ),
  strict,
);

type Asked = Static<typeof Asked>;
export type Limits = Static<typeof Limits>;

/** Everything that the driver goes by. */
export type ContainersSettings = {
  [K in keyof Required<Asked>]: K extends "limits" ? Record<string, Limits> : Required<NonNullable<Asked[K]>>;
};

/** Public images that work as they are. */
const IMAGES = {
  notebook: "quay.io/jupyter/base-notebook:python-3.13",
  database: "mariadb:11.4",
  proxy: "haproxy:3.0",
  inference: "ghcr.io/ggml-org/llama.cpp:server",
  run: "python:3.13-slim",
};

/** Of what stands for every flavor that the table does not name. */
const LIMITS: Limits = { cpus: 1, memory_mb: 2_048 };

/**
 * Reads `drivers.containers`.
 * @param folder where Ebb keeps its own data: buckets and models stand in it by default
 * @throws SettingError
 */
export function readSettings(own: unknown, folder: string): ContainersSettings {
  const asked = checked("drivers.containers", own ?? {}, Asked);
  return {
    socket: "/var/run/docker.sock",
    mark: "ebb",
    network: "bridge",
    ports: { from: 20_000, to: 29_999 },
    start_seconds: 300,
    stop_seconds: 10,
    drain_seconds: 30,
    buckets: `${folder}/buckets`,
    models: `${folder}/models`,
    ...asked,
    limits: { default: LIMITS, ...asked.limits },
    images: { ...IMAGES, ...asked.images },
    notebook: { command: ["jupyter", "lab"], folder: "/home/jovyan/work", ...asked.notebook },
    database: { user: "root", password: "Ebb-local-1", arguments: [], ...asked.database },
    inference: {
      command: ["--host", "{host}", "--port", "{port}", "--model", "/models/{path}", "--alias", "{model}"],
      port: 8080,
      health: "/health",
      busy_at: 4,
      idle_seconds: 60,
      ...asked.inference,
    },
  };
}

/** The limits of a flavor. */
export const limitsOf = ({ limits }: ContainersSettings, flavor: string): Limits =>
  limits[flavor] ?? limits.default ?? LIMITS;
