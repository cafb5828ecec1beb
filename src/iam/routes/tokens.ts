import type { IncomingHttpHeaders } from "node:http";
import { Type } from "typebox";
import { type Operation, operation, type Principal } from "../../wire/index.ts";
import { fault, keystoneError, notPermitted } from "../errors.ts";
import type { IamHouse } from "../house.ts";
import { deleteToken, findToken, type TokenFound } from "../tokens.ts";
import { tokenView } from "./token-view.ts";

const SUBJECT = "x-subject-token";

export const showToken = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneValidateToken",
    method: "GET",
    path: "/v3/auth/tokens",
    summary: "Checks a token",
    action: null,
    success: 200,
    access: "account",
    query: Type.Object({ nocatalog: Type.Optional(Type.String()) }),
    handle: async ({ query, headers, principal, endpoint }) => {
      const { token, found } = await subjectOf(iam, headers, principal, "iam:tokens:validateToken");
      return { headers: { [SUBJECT]: token }, body: { token: tokenView(iam, found, query.nocatalog, endpoint) } };
    },
  });

export const revokeToken = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneRevokeToken",
    method: "DELETE",
    path: "/v3/auth/tokens",
    summary: "Ends a token",
    action: null,
    success: 204,
    access: "account",
    handle: async ({ headers, principal, caller }) => {
      const { token } = await subjectOf(iam, headers, principal, "iam:tokens:revokeToken");
      await iam.store.write("iam token end", (session) => deleteToken(session, token), { signal: caller.signal });
      return {};
    },
  });

/** The living token that the request is about: one of the caller's own, or of its account if it may do `action`. */
async function subjectOf(
  iam: IamHouse,
  headers: IncomingHttpHeaders,
  principal: Principal,
  action: string,
): Promise<{ token: string; found: TokenFound }> {
  const token = String(headers[SUBJECT] ?? "");
  const found = await iam.store.read((session) => findToken(session, token));
  if (!found || found.domain_id !== principal.domainId || found.expires_at <= iam.clock.now()) {
    throw fault(keystoneError(404, "X-Subject-Token is invalid in the request"));
  }
  if (found.user_id !== principal.userId && !principal.may(action)) throw fault(notPermitted());
  return { token, found };
}
