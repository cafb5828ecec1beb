import { createHash } from "node:crypto";
import type { Ids } from "../ids.ts";
import type { Session } from "../store/index.ts";
import type { PrincipalFound } from "./principals.ts";

/** How long a token is good for, in ms. */
export const TOKEN_MS = 24 * 3_600_000;
/** How long after its end a token is still told from one that never was, in ms. */
const REMEMBERED_MS = 24 * 3_600_000;

const SECRET_OCTETS = 48;
/** The real ones are CMS envelopes, which all begin so. */
const TOKEN = /^MII[A-Za-z0-9_-]{64}$/;

/** A token that is in the tables, with whom it stands for; `expires_at` may have passed. */
export interface TokenFound extends PrincipalFound {
  /** JSON: a list of names. */
  methods: string;
  issued_at: number;
  expires_at: number;
}

/** The one statement of a request with a token. */
const FIND_TOKEN = `
  SELECT t.user_id, u.name AS user_name, u.policies, t.domain_id, d.name AS domain_name,
    p.id AS project_id, p.name AS project_name, t.methods, t.issued_at, t.expires_at
  FROM iam_tokens t
  JOIN iam_users u ON u.id = t.user_id AND u.domain_id = t.domain_id AND u.enabled = 1
  JOIN iam_domains d ON d.id = t.domain_id
  LEFT JOIN iam_projects p ON p.id = t.project_id AND p.domain_id = t.domain_id
  WHERE t.hash = ?`;

export const createToken = (ids: Ids): string => `MII${ids.secret(SECRET_OCTETS)}`;

export async function findToken(session: Session, token: string): Promise<TokenFound | undefined> {
  return TOKEN.test(token) ? session.get<TokenFound>(FIND_TOKEN, [hashOf(token)]) : undefined;
}

export async function insertToken(session: Session, token: string, found: TokenFound): Promise<void> {
  await session.run(
    "INSERT INTO iam_tokens (hash, user_id, domain_id, project_id, methods, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [hashOf(token), found.user_id, found.domain_id, found.project_id, found.methods, found.issued_at, found.expires_at],
  );
}

export async function deleteToken(session: Session, token: string): Promise<void> {
  await session.run("DELETE FROM iam_tokens WHERE hash = ?", [hashOf(token)]);
}

/** Ends the tokens of a user: all, or those got by one method. */
export async function deleteTokensOf(session: Session, userId: string, method?: string): Promise<void> {
  const by = method === undefined ? "" : " AND methods = ?";
  await session.run(`DELETE FROM iam_tokens WHERE user_id = ?${by}`, [
    userId,
    ...(method === undefined ? [] : [JSON.stringify([method])]),
  ]);
}

/** Forgets the tokens that ended long enough before `now`, and answers how many. */
export async function deleteExpired(session: Session, now: number): Promise<number> {
  return session.run("DELETE FROM iam_tokens WHERE expires_at < ?", [now - REMEMBERED_MS]);
}

const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
