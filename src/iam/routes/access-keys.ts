import { type Static, Type } from "typebox";
import type { AccessKeyRow, Session } from "../../store/index.ts";
import { isoMicros, type Operation, operation, type Principal } from "../../wire/index.ts";
import { createKeyPair, deleteKey, listKeys, putKey, sealSecret } from "../access-keys.ts";
import { codedError, codedNotFound, fault, keystoneError } from "../errors.ts";
import type { IamHouse } from "../house.ts";
import { deleteTokensOf } from "../tokens.ts";
import { Text } from "./fields.ts";

/** Keys that one user can make. */
const MOST_KEYS = 2;

const LIST = "/v3.0/OS-CREDENTIAL/credentials";
const ONE = `${LIST}/{access_key}`;
const Params = Type.Object({ access_key: Text(128) });

export const listAccessKeys = (iam: IamHouse): Operation =>
  operation({
    id: "ListPermanentAccessKeys",
    method: "GET",
    path: LIST,
    summary: "Lists the access keys of a user",
    action: null,
    success: 200,
    access: "account",
    query: Type.Object({ user_id: Type.Optional(Text(64)) }),
    handle: async ({ query, principal }) => {
      const rows = await iam.store.read(async (session) => {
        const userId = await userOf(session, principal, query.user_id, "iam:credentials:listCredentials");
        return listKeys(session, userId);
      });
      return { body: { credentials: rows.map(view) } };
    },
  });

export const createAccessKey = (iam: IamHouse): Operation =>
  operation({
    id: "CreatePermanentAccessKey",
    method: "POST",
    path: LIST,
    summary: "Makes an access key, and shows its secret this once",
    action: null,
    success: 201,
    access: "account",
    body: Type.Object({ credential: Type.Object({ user_id: Text(64), description: Type.Optional(Text(255)) }) }),
    handle: async ({ body, principal, caller }) => {
      const { user_id, description = "" } = body.credential;
      const { access, secret } = createKeyPair(iam.ids);
      const made = { access, origin: "api", secret_sealed: sealSecret(iam.vault, access, secret) } as const;
      const insert = async (session: Session) => {
        const userId = await userOf(session, principal, user_id, "iam:credentials:createCredential", session.forUpdate);
        if ((await listKeys(session, userId)).length >= MOST_KEYS) throw fault(keystoneError(400, "akSkNumExceed"));
        const row = { ...made, user_id: userId, status: "active", description, created_at: iam.clock.now() };
        await putKey(session, row);
        return row;
      };
      const row = await iam.store.write("iam access key", insert, { signal: caller.signal });
      return { body: { credential: { ...view(row), secret } } };
    },
  });

export const showAccessKey = (iam: IamHouse): Operation =>
  operation({
    id: "ShowPermanentAccessKey",
    method: "GET",
    path: ONE,
    summary: "Shows an access key, without its secret",
    action: null,
    success: 200,
    access: "account",
    params: Params,
    handle: async ({ params, principal }) => {
      const row = await iam.store.read((session) =>
        keyOf(session, principal, params.access_key, "iam:credentials:getCredential"),
      );
      return { body: { credential: view(row) } };
    },
  });

const Change = Type.Object({
  status: Type.Optional(Type.Union([Type.Literal("active"), Type.Literal("inactive")])),
  description: Type.Optional(Text(255)),
});

export const updateAccessKey = (iam: IamHouse): Operation =>
  operation({
    id: "UpdatePermanentAccessKey",
    method: "PUT",
    path: ONE,
    summary: "Turns an access key on or off, or describes it",
    action: null,
    success: 200,
    access: "account",
    params: Params,
    body: Type.Object({ credential: Change }),
    handle: async ({ params, body, principal, caller }) => {
      const update = async (session: Session) => {
        const row = await keyOf(
          session,
          principal,
          params.access_key,
          "iam:credentials:updateCredential",
          session.forUpdate,
        );
        return change(session, row, body.credential);
      };
      const row = await iam.store.write("iam access key change", update, { signal: caller.signal });
      return { body: { credential: view(row) } };
    },
  });

export const deleteAccessKey = (iam: IamHouse): Operation =>
  operation({
    id: "DeletePermanentAccessKey",
    method: "DELETE",
    path: ONE,
    summary: "Deletes an access key",
    action: null,
    success: 204,
    access: "account",
    params: Params,
    handle: async ({ params, principal, caller }) => {
      const remove = async (session: Session) => {
        const row = await keyOf(
          session,
          principal,
          params.access_key,
          "iam:credentials:deleteCredential",
          session.forUpdate,
        );
        await deleteKey(session, row.access);
        await deleteTokensOf(session, row.user_id, "hw_ak_sk");
      };
      await iam.store.write("iam access key end", remove, { signal: caller.signal });
      return {};
    },
  });

/** A key that is turned off takes the tokens with it that were got by a key of its user. */
async function change(
  session: Session,
  row: AccessKeyRow,
  { status, description }: Static<typeof Change>,
): Promise<AccessKeyRow> {
  const changed = { ...row, status: status ?? row.status, description: description ?? row.description };
  await session.run("UPDATE iam_access_keys SET status = ?, description = ? WHERE access = ?", [
    changed.status,
    changed.description,
    row.access,
  ]);
  if (changed.status !== "active") await deleteTokensOf(session, row.user_id, "hw_ak_sk");
  return changed;
}

function view({ access, user_id, status, created_at, description }: AccessKeyRow) {
  return { access, user_id, status, create_time: isoMicros(created_at), description };
}

/** The user meant: the caller, or another of its account if it may do `action`. */
async function userOf(
  session: Session,
  principal: Principal,
  userId = principal.userId,
  action: string,
  lock = "",
): Promise<string> {
  if (userId !== principal.userId) permit(principal, action);
  const user = await session.get(`SELECT id FROM iam_users WHERE id = ? AND domain_id = ?${lock}`, [
    userId,
    principal.domainId,
  ]);
  if (!user) throw codedNotFound("user", userId);
  return userId;
}

/** The key meant: the caller's, or another's of its account if it may do `action`. */
async function keyOf(
  session: Session,
  principal: Principal,
  access: string,
  action: string,
  lock = "",
): Promise<AccessKeyRow> {
  const row = await session.get<AccessKeyRow>(
    `SELECT * FROM iam_access_keys WHERE access = ? AND user_id IN (SELECT id FROM iam_users WHERE domain_id = ?)${lock}`,
    [access, principal.domainId],
  );
  if (row?.user_id !== principal.userId) permit(principal, action);
  if (!row) throw codedNotFound("credential", access);
  return row;
}

function permit(principal: Principal, action: string): void {
  if (!principal.may(action)) throw fault(codedError(403, "0003", `Policy doesn't allow ${action} to be performed.`));
}
