import { isoMicros } from "../../wire/index.ts";
import { catalogOf } from "../catalog.ts";
import type { IamHouse } from "../house.ts";
import type { TokenFound } from "../tokens.ts";

/** The roles that an account's root shows; all have the id that the vendor gives to every one. */
const ROOT_ROLES = ["te_admin", "secu_admin"].map((name) => ({ id: "0", name }));

/** A token's body. @param nocatalog any text but the empty one leaves the catalog empty */
export function tokenView(iam: IamHouse, found: TokenFound, nocatalog: string | undefined, endpoint: string) {
  const domain = { id: found.domain_id, name: found.domain_name };
  const scope =
    found.project_id === null ? { domain } : { project: { id: found.project_id, name: found.project_name, domain } };
  return {
    expires_at: isoMicros(found.expires_at),
    methods: JSON.parse(found.methods) as string[],
    catalog: nocatalog ? [] : catalogOf(iam, endpoint),
    ...scope,
    roles: iam.principals.isRoot(found) ? ROOT_ROLES : [],
    issued_at: isoMicros(found.issued_at),
    user: { id: found.user_id, name: found.user_name, password_expires_at: "", domain },
  };
}
