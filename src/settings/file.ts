import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { SettingError } from "./setting-error.ts";

/**
 * The settings that stand in a YAML file; none when the file does not exist and nobody asked for it.
 * @param asked where the path was given, or undefined for the default path
 */
export function readSettingsFile(path: string, asked: string | undefined): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" && asked === undefined) return {};
    throw new SettingError("config", asked ?? "default", path, `a YAML file that can be read (${code})`);
  }
  return mapping(parseYaml(text, path), path);
}

function parseYaml(text: string, path: string): unknown {
  try {
    // Loaded here, because most starts have no file to read.
    const { parse } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
    return parse(text, { logLevel: "error" });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    throw new SettingError("config", path, path, `YAML that can be read: ${reason.replace(/:$/, "")}`);
  }
}

function mapping(value: unknown, path: string): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  if (isRecord(value)) return value;
  throw new SettingError("config", path, value, "a mapping of setting names to values");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
