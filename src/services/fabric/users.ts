import type { Principal } from "../../wire/index.ts";

/** Who made or changed something, as the answers show it. */
export interface User {
  domain_name: string;
  domain_id: string;
  user_name: string;
  user_id: string;
}

export const userOf = ({ domainName, domainId, userName, userId }: Principal): User => ({
  domain_name: domainName,
  domain_id: domainId,
  user_name: userName,
  user_id: userId,
});

/** As the answers about instances and runs show it. */
export const namesOnly = ({ domain_name, user_name }: User) => ({ domain_name, user_name });
