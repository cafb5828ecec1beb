import { type Static, Type } from "typebox";
import { RUNS_AT_ONCE } from "./choices.ts";
import { refused } from "./dialect.ts";
import type { JobSpec } from "./job.ts";
import type { RunSpec } from "./run.ts";
import { Description, nameUpTo } from "./schemas.ts";

const text = (most: number) => Type.Optional(Type.String({ maxLength: most }));
const Texts = Type.Optional(Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 1000 }));
const Anything = Type.Optional(Type.Object({}));
const SpecCode = Type.String({ minLength: 1, maxLength: 64 });
const Executors = Type.Optional(Type.Integer({ minimum: 1, maximum: 2000 }));

const RayConfig = Type.Object({
  entrypoint: Type.String({ minLength: 1, maxLength: 4096 }),
  metadata: Anything,
  entrypoint_num_cpus: Type.Optional(Type.Number({ minimum: 0 })),
  entrypoint_num_gpus: Type.Optional(Type.Number({ minimum: 0 })),
  entrypoint_memory: Type.Optional(Type.Integer({ minimum: 0 })),
  entrypoint_resources: Anything,
  submission_id: text(128),
  runtime_env: Type.Optional(
    Type.Object({
      working_dir: text(1024),
      py_modules: Texts,
      pip: Texts,
      conda: Anything,
      env_vars: Type.Optional(Type.Record(Type.String(), Type.String())),
      container: Anything,
      worker_process_setup_hook: text(1024),
      nsight: text(1024),
      config: text(4096),
    }),
  ),
});

const PythonConfig = Type.Object({
  resource_spec: SpecCode,
  main_file_name: text(1024),
  main_arguments: Texts,
  python_packages: Texts,
  working_dir: text(1024),
  user_log_path: text(1024),
});

const SparkConfig = Type.Object({
  driver_resource_spec: SpecCode,
  executor_resource_spec: Type.Optional(SpecCode),
  main_file_path: text(1024),
  main_class: text(1024),
  main_arguments: Texts,
  spark_conf: text(65_536),
  num_executors: Executors,
  enable_dynamic_allocation: Type.Optional(Type.Boolean()),
  min_num_executors: Executors,
  max_num_executors: Executors,
  user_log_path: text(1024),
  metastore_id: text(36),
  metastore_catalog_id: text(256),
});

const Config = Type.Object({
  ray_job_config: Type.Optional(RayConfig),
  python_job_config: Type.Optional(PythonConfig),
  spark_job_config: Type.Optional(SparkConfig),
  timeout_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 8_640_000 })),
  max_retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  queue: Type.Optional(Type.Boolean()),
  max_concurrent_runs: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
type Config = Static<typeof Config>;

export const JobVersion = Type.Object({
  name: nameUpTo(64),
  description: Type.Optional(Description),
  config: Config,
  cap_white_list: Texts,
  dependence_framework: Type.Optional(
    Type.Array(Type.Object({ name: Type.String({ maxLength: 128 }), version_name: text(128) }), { maxItems: 100 }),
  ),
});

type JobType = JobSpec["type"];
const CONFIG_OF = {
  RAY_JOB: "ray_job_config",
  PYTHON_JOB: "python_job_config",
  SPARK_JOB: "spark_job_config",
} as const satisfies Record<JobType, keyof Config>;

/** A version has the configuration of its job's type, and no other. */
export function mustSuit(type: JobType, { config }: Static<typeof JobVersion>): void {
  const wanted = CONFIG_OF[type];
  const others = Object.values(CONFIG_OF).filter((name) => name !== wanted && config[name] !== undefined);
  if (!config[wanted]) throw refused(`a ${type} needs config.${wanted}`);
  if (others.length > 0) throw refused(`a ${type} takes config.${wanted}, and not ${others.join(", ")}`);
}

/** What a version's configuration means for a run; a Ray job uses its endpoint's compute. */
export function runOf(
  config: Config,
  endpointFlavor: string,
): Pick<RunSpec, "entry" | "flavor" | "at_once" | "timeout_seconds" | "log_path"> {
  const { ray_job_config: ray, python_job_config: python, spark_job_config: spark } = config;
  const path = python?.user_log_path ?? spark?.user_log_path;
  return {
    entry: ray?.entrypoint ?? python?.main_file_name ?? spark?.main_file_path ?? "",
    flavor: python?.resource_spec ?? spark?.driver_resource_spec ?? endpointFlavor,
    at_once: config.max_concurrent_runs ?? RUNS_AT_ONCE,
    timeout_seconds: config.timeout_seconds ?? 0,
    log_path: path ? [{ type: "OBS", path }] : [],
  };
}

/** A run that must not wait for its turn. */
export const waitsForNone = ({ queue }: Config): boolean => queue === false;

export type JobConfig = Config;
