import type { Principal } from "../wire/index.ts";
import { allows, type Policy, parsePolicy } from "./policy.ts";

/** A user with its account, as the store's rows give it. */
export interface UserFound {
  user_id: string;
  user_name: string;
  /** JSON: a list of policies, or null for the account's root. */
  policies: string;
  domain_id: string;
  domain_name: string;
}

/** The rows of one that shows credentials. */
export interface PrincipalFound extends UserFound {
  project_id: string | null;
  project_name: string | null;
}

/** Policies of different text that are kept parsed. */
const CACHED = 1_000;

/** The policies of a user as they are stored. Refuses what is not enforced, with a PolicyError. */
export function policiesText(policies: readonly unknown[] | undefined): string {
  return JSON.stringify(policies?.map(parsePolicy) ?? null);
}

/** Makes principals of rows. */
export class Principals {
  readonly #parsed = new Map<string, readonly Policy[] | null>();

  of(found: PrincipalFound): Principal {
    const policies = this.#policies(found.policies);
    const { project_id: id, project_name: name } = found;
    return {
      userId: found.user_id,
      userName: found.user_name,
      domainId: found.domain_id,
      domainName: found.domain_name,
      project: id !== null && name !== null ? { id, name } : null,
      may: (action) => policies === null || allows(policies, action),
    };
  }

  /** Whether the user may do everything in its account. */
  isRoot(found: UserFound): boolean {
    return this.#policies(found.policies) === null;
  }

  #policies(text: string): readonly Policy[] | null {
    let policies = this.#parsed.get(text);
    if (policies === undefined) {
      const stored = JSON.parse(text) as unknown[] | null;
      policies = stored === null ? null : stored.map(parsePolicy);
      this.#parsed.set(text, policies);
      if (this.#parsed.size > CACHED) this.#parsed.delete(this.#parsed.keys().next().value ?? text);
    }
    return policies;
  }
}
