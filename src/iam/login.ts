import { createHash, timingSafeEqual } from "node:crypto";
import type { Session } from "../store/index.ts";
import { canBeUsed, findKey, openSecret } from "./access-keys.ts";
import { fault, keystoneError } from "./errors.ts";
import type { IamHouse } from "./house.ts";
import type { Verdict } from "./login-guard.ts";
import type { UserFound } from "./principals.ts";

/** Who says to be whom. */
export interface NamedUser {
  id?: string;
  name?: string;
  domain?: { id?: string; name?: string };
}

const FIND_USER = `
  SELECT u.id AS user_id, u.name AS user_name, u.policies, u.password_hash, d.id AS domain_id, d.name AS domain_name
  FROM iam_users u JOIN iam_domains d ON d.id = u.domain_id WHERE u.enabled = 1 AND `;

/** The user of this name and password. Throws the answer to anything else. */
export async function loginByPassword(
  iam: IamHouse,
  named: NamedUser,
  password: string,
  requestId: string,
): Promise<UserFound> {
  const found = await iam.store.read((session) => findUser(session, named));
  const { id, name, domain } = named;
  const who = found?.user_id ?? JSON.stringify([id, name, domain?.id, domain?.name]);
  const verdict = await iam.guard.attempt(who, () => iam.passwords.match(password, found?.password_hash));
  if (verdict === "right" && found) return found;
  iam.log.warn({ request_id: requestId, user_id: found?.user_id, verdict }, "a login was refused");
  throw refusal(verdict);
}

function refusal(verdict: Verdict): Error {
  if (verdict === "locked") return fault(keystoneError(401, "Account locked."));
  if (verdict !== "busy") return fault(keystoneError(401, "The username or password is wrong."));
  return fault({ ...keystoneError(429, "Too many passwords are being checked."), headers: { "retry-after": "1" } });
}

function findUser(
  session: Session,
  { id, name, domain }: NamedUser,
): Promise<(UserFound & { password_hash: string }) | undefined> {
  if (id !== undefined) return session.get(`${FIND_USER}u.id = ?`, [id]);
  const [column, value] = domain?.id === undefined ? ["name", domain?.name ?? ""] : ["id", domain.id];
  return session.get(`${FIND_USER}u.name = ? AND d.${column} = ?`, [name ?? "", value]);
}

/** The user of this access key. Throws the answer when the key, its secret or its status is not right. */
export async function loginByKey(iam: IamHouse, access: string, secret: string): Promise<UserFound> {
  const found = await iam.store.read((session) => findKey(session, access));
  if (!found || !sameText(openSecret(iam.vault, found), secret) || !canBeUsed(found)) throw keyRefused();
  return found;
}

/** Inside a write: the key stays usable until the write ends, or this throws the answer. */
export async function holdKey(session: Session, access: string): Promise<void> {
  const key = await session.get(
    `SELECT access FROM iam_access_keys WHERE access = ? AND status = 'active'${session.forUpdate}`,
    [access],
  );
  if (!key) throw keyRefused();
}

const keyRefused = () => fault(keystoneError(401, "The access key or secret key is wrong."));

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
