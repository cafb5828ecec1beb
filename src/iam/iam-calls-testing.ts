import assert from "node:assert/strict";
import type { AccountSetting, UserSetting } from "../settings.ts";
import type { House } from "../wire/index.ts";
import { ACCOUNT_ONE, ACCOUNT_TWO, type Ground, USER_ONE } from "./iam-testing.ts";
import type { Iam } from "./index.ts";

const TABLES = ["iam_domains", "iam_projects", "iam_users", "iam_access_keys", "iam_tokens"];

/** Every row of IAM's tables, as one text. */
export async function dump({ store }: Ground): Promise<string> {
  const tables = await store.read((session) =>
    Promise.all(TABLES.map((name) => session.all(`SELECT * FROM ${name} ORDER BY 1`))),
  );
  return JSON.stringify(tables);
}

/** Both accounts, with the first user changed. */
export const withOne = (change: Partial<UserSetting>): AccountSetting[] => [
  { ...ACCOUNT_ONE, users: [{ ...USER_ONE, ...change }] },
  ACCOUNT_TWO,
];

/** Calls an operation of IAM as the first user, past the gateway. */
export async function call(iam: Iam, id: string, body: object, headers = {}) {
  const operation = iam.service.operations.find((op) => op.id === id) ?? assert.fail(id);
  const principal = {
    userId: USER_ONE.id,
    userName: "one",
    domainId: ACCOUNT_ONE.id,
    domainName: "acct-one",
    project: null,
    may: () => true,
  };
  const caller = { tenant: "", userId: USER_ONE.id, requestId: "r" };
  const language = "en-us" as const;
  const about = {
    params: {},
    query: {},
    body,
    principal,
    caller,
    language,
    requestId: "r",
    headers,
    endpoint: "http://h",
  };
  return operation.handle(about, undefined as unknown as House);
}

async function tokenOf(iam: Iam, identity: object): Promise<string> {
  const reply = await call(iam, "KeystoneCreateUserTokenByPassword", { auth: { identity } });
  return String(reply.headers?.["x-subject-token"]);
}

export const byPassword = (iam: Iam, user = USER_ONE, domain = ACCOUNT_ONE.name) =>
  tokenOf(iam, {
    methods: ["password"],
    password: { user: { name: user.name, password: user.password, domain: { name: domain } } },
  });
export const byKey = (iam: Iam, { access_key: key, secret_key: secret } = USER_ONE) =>
  tokenOf(iam, { methods: ["hw_ak_sk"], hw_ak_sk: { access: { key }, secret: { key: secret } } });

export async function makeKey(iam: Iam): Promise<{ accessKey: string; secret: string }> {
  const reply = await call(iam, "CreatePermanentAccessKey", { credential: { user_id: USER_ONE.id } });
  const { access, secret } = (reply.body as { credential: { access: string; secret: string } }).credential;
  return { accessKey: access, secret };
}
