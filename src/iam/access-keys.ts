import type { Ids } from "../ids.ts";
import type { AccessKeyRow, Session } from "../store/index.ts";
import type { UserFound } from "./principals.ts";
import type { Vault } from "./vault.ts";

/** A key with whose it is. */
export interface KeyFound extends UserFound {
  access: string;
  secret_sealed: string;
  status: string;
  enabled: number;
  /** The project asked for, if it is one of the account. */
  project_id: string | null;
  project_name: string | null;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const MIXED = `${UPPER}abcdefghijklmnopqrstuvwxyz`;

const FIND_KEY = `
  SELECT k.access, k.secret_sealed, k.status, u.enabled, u.id AS user_id, u.name AS user_name, u.policies,
    u.domain_id, d.name AS domain_name, p.id AS project_id, p.name AS project_name
  FROM iam_access_keys k
  JOIN iam_users u ON u.id = k.user_id
  JOIN iam_domains d ON d.id = u.domain_id
  LEFT JOIN iam_projects p ON p.id = ? AND p.domain_id = u.domain_id
  WHERE k.access = ?`;

/** The key with its user, and with project `projectId` if the user's account has it. */
export function findKey(session: Session, access: string, projectId = ""): Promise<KeyFound | undefined> {
  return session.get<KeyFound>(FIND_KEY, [projectId, access]);
}

/** The access keys of a user, oldest first. */
export function listKeys(session: Session, userId: string): Promise<AccessKeyRow[]> {
  return session.all<AccessKeyRow>("SELECT * FROM iam_access_keys WHERE user_id = ? ORDER BY created_at, access", [
    userId,
  ]);
}

/** Writes a key; one of the same name keeps its status and age. */
export async function putKey(session: Session, row: AccessKeyRow): Promise<void> {
  await session.run(
    `INSERT INTO iam_access_keys (access, user_id, origin, secret_sealed, status, description, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (access) DO UPDATE SET user_id = excluded.user_id, origin = excluded.origin,
       secret_sealed = excluded.secret_sealed`,
    [row.access, row.user_id, row.origin, row.secret_sealed, row.status, row.description, row.created_at],
  );
}

export async function deleteKey(session: Session, access: string): Promise<void> {
  await session.run("DELETE FROM iam_access_keys WHERE access = ?", [access]);
}

export const canBeUsed = (key: { status: string; enabled: number }): boolean =>
  key.status === "active" && key.enabled === 1;

export const sealSecret = (vault: Vault, access: string, secret: string): string => vault.seal(secret, access);

/** @throws when it was sealed with another secret.key */
export function openSecret(vault: Vault, row: { access: string; secret_sealed: string }): string {
  const text = vault.open(row.secret_sealed, row.access);
  if (text === undefined) {
    throw new Error(
      `the secret of access key ${row.access} was sealed with another secret.key: put that file back (every Ebb on one store needs the same)`,
    );
  }
  return text;
}

/** A new pair, in the form of the real ones: 20 capitals and digits, and 40 letters and digits. */
export function createKeyPair(ids: Ids): { access: string; secret: string } {
  return { access: randomText(ids, UPPER, 20), secret: randomText(ids, MIXED, 40) };
}

/** Octets past the last whole run of the alphabet are passed over, so that each letter is as likely as the others. */
function randomText(ids: Ids, alphabet: string, length: number): string {
  const fair = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const octet of Buffer.from(ids.secret(64), "base64url"))
      if (octet < fair) text += alphabet[octet % alphabet.length];
  }
  return text.slice(0, length);
}
