import { createHash } from "node:crypto";
import { isRecord } from "./file.ts";
import { SettingError } from "./setting-error.ts";

export interface UserSetting {
  name: string;
  id: string;
  password: string;
  access_key: string;
  secret_key: string;
  /** Policy documents, kept as they are: whoever enforces them reads them. */
  policies?: unknown[];
}

export interface ProjectSetting {
  name: string;
  id: string;
}

/** An account (which the wire calls a domain), with at least one user and one project. */
export interface AccountSetting {
  name: string;
  id: string;
  users: UserSetting[];
  projects: ProjectSetting[];
}

const NAME = { pattern: /^[A-Za-z0-9_.-]{1,64}$/, allowed: "1 to 64 letters, digits, hyphens, underscores and dots" };
const ID = { pattern: /^[A-Za-z0-9]{32}$/, allowed: "32 letters and digits, as text" };
const PASSWORD = { pattern: /^[\x20-\x7e]{8,128}$/, allowed: "8 to 128 printable ASCII characters" };
const ACCESS_KEY = { pattern: /^[A-Za-z0-9]{16,64}$/, allowed: "16 to 64 letters and digits" };
const SECRET_KEY = { pattern: /^[A-Za-z0-9]{16,128}$/, allowed: "16 to 128 letters and digits" };
const MOST_ENTRIES = 1_000;

/**
 * The accounts of `ebb.yaml`, checked. A missing id follows from the names, so that it is the same at every start; an
 * account without projects gets the region's.
 */
export function readAccounts(value: unknown, from: string, region: string): AccountSetting[] {
  const accounts = entries(value, "accounts", from).map((entry) => readAccount(entry, region));
  const users = accounts.flatMap((account) => account.users);
  const projects = accounts.flatMap((account) => account.projects);
  const unique = (what: string, values: string[]) => refuseTwins(values, what, from);
  unique(
    "account name",
    accounts.map((account) => account.name),
  );
  unique(
    "id",
    [...accounts, ...users, ...projects].map((thing) => thing.id),
  );
  unique(
    "access_key",
    users.map((user) => user.access_key),
  );
  return accounts;
}

function readAccount(entry: Entry, region: string): AccountSetting {
  refuseUnknown(entry, ["name", "id", "users", "projects"]);
  const name = text(entry, "name", NAME);
  const within = (kind: string, inner: string) => derivedId(`${kind}:${name}/${inner}`);
  const users = entries(entry.fields.users, `${entry.at}.users`, entry.from).map((user) => readUser(user, within));
  const projects =
    entry.fields.projects === undefined
      ? [{ name: region, id: within("project", region) }]
      : entries(entry.fields.projects, `${entry.at}.projects`, entry.from).map((project) =>
          readProject(project, within),
        );
  refuseTwins(
    users.map((user) => user.name),
    `user name in ${entry.at}`,
    entry.from,
  );
  refuseTwins(
    projects.map((project) => project.name),
    `project name in ${entry.at}`,
    entry.from,
  );
  return { name, id: optionalText(entry, "id", ID) ?? derivedId(`account:${name}`), users, projects };
}

type IdWithin = (kind: string, name: string) => string;

function readUser(entry: Entry, idWithin: IdWithin): UserSetting {
  refuseUnknown(entry, ["name", "id", "password", "access_key", "secret_key", "policies"]);
  const name = text(entry, "name", NAME);
  const { policies } = entry.fields;
  if (policies !== undefined && !Array.isArray(policies)) throw wrong(entry, "policies", "a list of policy documents");
  return {
    name,
    id: optionalText(entry, "id", ID) ?? idWithin("user", name),
    password: text(entry, "password", PASSWORD),
    access_key: text(entry, "access_key", ACCESS_KEY),
    secret_key: text(entry, "secret_key", SECRET_KEY),
    ...(policies === undefined ? {} : { policies }),
  };
}

function readProject(entry: Entry, idWithin: IdWithin): ProjectSetting {
  refuseUnknown(entry, ["name", "id"]);
  const name = text(entry, "name", NAME);
  return { name, id: optionalText(entry, "id", ID) ?? idWithin("project", name) };
}

/** An id that the same name always gets: 32 hexadecimal digits of its hash. */
function derivedId(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 32);
}

/** One mapping of the file, with the place where it stands for error messages. */
interface Entry {
  fields: Record<string, unknown>;
  at: string;
  from: string;
}

function entries(value: unknown, at: string, from: string): Entry[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_ENTRIES) {
    throw new SettingError(at, from, value, `a list of 1 to ${MOST_ENTRIES} entries`);
  }
  return value.map((fields: unknown, index) => {
    if (!isRecord(fields)) throw new SettingError(`${at}[${index}]`, from, fields, "a mapping");
    return { fields, at: `${at}[${index}]`, from };
  });
}

function optionalText(entry: Entry, key: string, rule: { pattern: RegExp; allowed: string }): string | undefined {
  const value = entry.fields[key];
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !rule.pattern.test(value)) throw wrong(entry, key, rule.allowed);
  return value;
}

function text(entry: Entry, key: string, rule: { pattern: RegExp; allowed: string }): string {
  const value = optionalText(entry, key, rule);
  if (value === undefined) throw wrong(entry, key, rule.allowed);
  return value;
}

function refuseUnknown(entry: Entry, known: string[]): void {
  const unknown = Object.keys(entry.fields).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong(entry, unknown, `the names ${known.join(", ")}`);
}

function refuseTwins(values: string[], what: string, from: string): void {
  const twin = values.find((value, index) => values.indexOf(value) !== index);
  if (twin !== undefined) throw new SettingError("accounts", from, twin, `each ${what} only once`);
}

function wrong(entry: Entry, key: string, allowed: string): SettingError {
  return new SettingError(`${entry.at}.${key}`, entry.from, entry.fields[key], allowed);
}
