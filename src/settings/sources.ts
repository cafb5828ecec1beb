import { resolve } from "node:path";
import { type Field, type FieldName, fields, flagKeyOf, flagOf, variableOf } from "./fields.ts";
import { isRecord, readSettingsFile } from "./file.ts";
import { SettingError } from "./setting-error.ts";

const FILE_ONLY = ["accounts", "inventory", "drivers"];
/** Variables that belong to the commands, not to the server. */
const OTHER_VARIABLES = ["EBB_CONFIG", "EBB_ENDPOINT"];

/** The three places where a setting can stand; `path` names the file, whether it exists or not. */
export interface Sources {
  flags: Record<string, unknown>;
  env: NodeJS.ProcessEnv;
  file: Record<string, unknown>;
  path: string;
}

/** Reads the file and refuses names that no setting has, before any value counts. */
export function gather(flags: Record<string, unknown>, env: NodeJS.ProcessEnv, cwd: string): Sources {
  const names = Object.keys(fields);
  const variables = [...names.map(variableOf), ...OTHER_VARIABLES];
  const strangeVariable = Object.keys(env).find(
    (name) => name.startsWith("EBB_") && !name.startsWith("EBB_TEST_") && !variables.includes(name),
  );
  if (strangeVariable !== undefined) {
    throw new SettingError(strangeVariable, "variable", env[strangeVariable], variables.join(", "));
  }

  const flag = typeof flags.config === "string" ? flags.config : undefined;
  const asked = flag !== undefined ? "flag --config" : env.EBB_CONFIG !== undefined ? "variable EBB_CONFIG" : undefined;
  const path = resolve(cwd, flag ?? env.EBB_CONFIG ?? "ebb.yaml");
  const file = readSettingsFile(path, asked);
  const keys = [...names, ...FILE_ONLY];
  const strangeKey = Object.keys(file).find((key) => !keys.includes(key));
  if (strangeKey !== undefined) throw new SettingError(strangeKey, path, file[strangeKey], keys.join(", "));
  return { flags, env, file, path };
}

/** The value that counts, and where it stands; undefined when nobody set it. */
export function find(sources: Sources, name: FieldName): { value: unknown; from: string } | undefined {
  const candidates = [
    { value: sources.flags[flagKeyOf(name)], from: `flag ${flagOf(name)}` },
    { value: sources.env[variableOf(name)], from: `variable ${variableOf(name)}` },
    { value: sources.file[name], from: sources.path },
  ];
  return candidates.find((candidate) => candidate.value !== undefined);
}

/** The setting's checked value, or its default. */
export function readField<T>(sources: Sources, name: FieldName, field: Field<T>): T {
  const found = find(sources, name);
  if (found === undefined) return field.fallback;
  const isWord = typeof found.value === "string" || typeof found.value === "number";
  const value = isWord ? field.parse(String(found.value)) : undefined;
  if (value === undefined) throw new SettingError(name, found.from, found.value, field.allowed);
  return value;
}

/** A mapping that only the file can hold; empty when it is absent. */
export function readMapping(sources: Sources, name: string): Record<string, unknown> {
  const value = sources.file[name] ?? {};
  if (!isRecord(value)) throw new SettingError(name, sources.path, value, "a mapping");
  return value;
}
