import type { IncomingHttpHeaders } from "node:http";
import type { Session } from "../store/index.ts";
import type { Principal, Stranger } from "../wire/index.ts";
import { canBeUsed, findKey, type KeyFound, openSecret } from "./access-keys.ts";
import { parseAuthorization } from "./authorization.ts";
import type { IamHouse } from "./house.ts";
import type { PrincipalFound } from "./principals.ts";
import { verifySignature } from "./signature.ts";
import { findToken } from "./tokens.ts";

/** What a request shows of who sent it. */
export interface Presented {
  method: string;
  /** Path and query as received. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Uint8Array;
  /** The project that the path names. */
  projectId: string | undefined;
}

export type Known = { principal: Principal } | { stranger: Stranger };

/** The schemes of signed requests, those that Ebb does not verify too: none of them falls back to a token. */
const SIGNED = /^(SDK|V11)-/;
const BEARER = /^Bearer +(\S+)$/i;

const stranger = (it: Stranger): Known => ({ stranger: it });

/** Tells who sent a request: by its signature if it has one, else by its token. */
export function authenticate(iam: IamHouse, presented: Presented): Promise<Known> {
  const { authorization = "" } = presented.headers;
  if (SIGNED.test(authorization)) return bySignature(iam, presented, authorization);
  const token = presented.headers["x-auth-token"] || BEARER.exec(authorization)?.[1];
  return byToken(iam, token);
}

async function byToken(iam: IamHouse, token: string | string[] | undefined): Promise<Known> {
  if (typeof token !== "string") return stranger({ why: "nothing" });
  const found = await iam.store.read((session) => findToken(session, token));
  if (!found) return stranger({ why: "token-unknown" });
  if (found.expires_at <= iam.clock.now()) return stranger({ why: "token-expired", expiredAt: found.expires_at });
  return { principal: iam.principals.of(found) };
}

async function bySignature(iam: IamHouse, presented: Presented, authorization: string): Promise<Known> {
  const parsed = parseAuthorization(authorization);
  if (parsed?.algorithm !== "SDK-HMAC-SHA256") {
    return stranger({
      why: "signature-malformed",
      detail:
        "the Authorization header is not of the form SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=...",
    });
  }
  const { accessKey } = parsed;
  const wanted = headerOf(presented.headers, "x-project-id") || presented.projectId;
  const key = await iam.store.read((session) => findKey(session, accessKey, wanted));
  if (!key) return stranger({ why: "key-unknown", accessKey });
  const now = iam.waits.now();
  const verdict = verifySignature(presented, parsed, openSecret(iam.vault, key), now);
  if (!verdict.ok) {
    if (verdict.reason === "mismatch") return stranger({ why: "signature-mismatch" });
    if (verdict.reason !== "skew")
      return stranger({ why: "signature-malformed", detail: verdict.detail ?? verdict.reason });
    return stranger({ why: "clock-skew", signedAt: headerOf(presented.headers, "x-sdk-date"), serverTime: now });
  }
  // Only who has the secret is told that the key is off.
  if (!canBeUsed(key)) return stranger({ why: "key-disabled", accessKey });
  const project = wanted ? {} : await iam.store.read((session) => defaultProject(session, key, iam.region));
  return { principal: iam.principals.of({ ...key, ...project }) };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value.trim() : "";
}

/** The project of a signed request that names none: the region's, or the only one. */
async function defaultProject(
  session: Session,
  { domain_id }: KeyFound,
  region: string,
): Promise<Partial<PrincipalFound>> {
  const [first, second] = await session.all<{ id: string; name: string }>(
    "SELECT id, name FROM iam_projects WHERE domain_id = ? ORDER BY CASE WHEN name = ? THEN 0 ELSE 1 END LIMIT 2",
    [domain_id, region],
  );
  if (!first || (second && first.name !== region)) return {};
  return { project_id: first.id, project_name: first.name };
}
