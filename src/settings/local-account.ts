import type { AccountSetting } from "./accounts.ts";

/**
 * The known local credentials. They stand in the documentation, so they protect nothing: with them Ebb listens on
 * loopback only (see `usesLocalCredentials`).
 */
export const LOCAL_REGION = "eu-local-1";
export const LOCAL_DOMAIN_NAME = "ebb-local";
export const LOCAL_DOMAIN_ID = "ebb00000000000000000000000000001";
export const LOCAL_USER_NAME = "ebb";
export const LOCAL_USER_ID = "ebb00000000000000000000000000002";
export const LOCAL_PROJECT_ID = "ebb00000000000000000000000000003";
export const LOCAL_PASSWORD = "Ebb-local-1";
/** 20 characters, like a real access key. */
export const LOCAL_ACCESS_KEY = "EBBLOCAL000000000001";
/** 40 characters, like a real secret key. */
export const LOCAL_SECRET_KEY = "EbbLocalSecretKeyKnownToEveryone00000001";

/** The account that Ebb has when `ebb.yaml` names none; its project carries the region's name, as clients look it up. */
export function localAccount(region: string): AccountSetting {
  return {
    name: LOCAL_DOMAIN_NAME,
    id: LOCAL_DOMAIN_ID,
    users: [
      {
        name: LOCAL_USER_NAME,
        id: LOCAL_USER_ID,
        password: LOCAL_PASSWORD,
        access_key: LOCAL_ACCESS_KEY,
        secret_key: LOCAL_SECRET_KEY,
      },
    ],
    projects: [{ name: region, id: LOCAL_PROJECT_ID }],
  };
}

/** Whether anyone who read the documentation can get in. */
export function usesLocalCredentials(accounts: readonly AccountSetting[]): boolean {
  return accounts.some((account) =>
    account.users.some(
      (user) =>
        user.password === LOCAL_PASSWORD ||
        user.access_key === LOCAL_ACCESS_KEY ||
        user.secret_key === LOCAL_SECRET_KEY,
    ),
  );
}
