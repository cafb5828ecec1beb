import { type Static, Type } from "typebox";
import type { Session } from "../../store/index.ts";
import { type Operation, operation } from "../../wire/index.ts";
import { bodyInvalid, notFound } from "../errors.ts";
import type { IamHouse } from "../house.ts";
import { holdKey, loginByKey, loginByPassword } from "../login.ts";
import type { UserFound } from "../principals.ts";
import { createToken as createTokenText, insertToken, TOKEN_MS, type TokenFound } from "../tokens.ts";
import { Named, Text } from "./fields.ts";
import { tokenView } from "./token-view.ts";

const Password = Type.Object({
  user: Type.Object({
    id: Type.Optional(Text(64)),
    name: Type.Optional(Text(255)),
    password: Text(1024),
    domain: Type.Optional(Named),
  }),
});
const KeyPair = Type.Object({
  access: Type.Object({ key: Text(128) }),
  secret: Type.Object({ key: Text(256) }),
});
const Scope = Type.Object({ project: Type.Optional(Named), domain: Type.Optional(Named) });
const Body = Type.Object({
  auth: Type.Object({
    identity: Type.Object({
      methods: Type.Array(Text(64), { minItems: 1, maxItems: 4 }),
      password: Type.Optional(Password),
      hw_ak_sk: Type.Optional(KeyPair),
    }),
    scope: Type.Optional(Scope),
  }),
});

type Identity = Static<typeof Body>["auth"]["identity"];

export const createToken = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneCreateUserTokenByPassword",
    method: "POST",
    path: "/v3/auth/tokens",
    summary: "Obtains a token by password or access key",
    action: null,
    success: 201,
    access: "anyone",
    query: Type.Object({ nocatalog: Type.Optional(Type.String()) }),
    body: Body,
    handle: async ({ query, body, endpoint, caller }) => {
      const { identity, scope } = body.auth;
      const user = await login(iam, identity, caller.requestId);
      const project = await iam.store.read((session) => projectOf(session, user, scope));
      const now = iam.clock.now();
      const times = { issued_at: now, expires_at: now + TOKEN_MS };
      const found: TokenFound = { ...user, ...project, ...times, methods: JSON.stringify(identity.methods) };
      const token = createTokenText(iam.ids);
      const keep = async (session: Session) => {
        if (identity.hw_ak_sk) await holdKey(session, identity.hw_ak_sk.access.key);
        await insertToken(session, token, found);
      };
      await iam.store.write("iam token", keep, { signal: caller.signal });
      return {
        headers: { "x-subject-token": token },
        body: { token: tokenView(iam, found, query.nocatalog, endpoint) },
      };
    },
  });

/** One method, with what belongs to it. */
function login(iam: IamHouse, { methods, password, hw_ak_sk: pair }: Identity, requestId: string): Promise<UserFound> {
  if (methods.length !== 1) throw bodyInvalid();
  if (methods[0] === "hw_ak_sk" && pair) return loginByKey(iam, pair.access.key, pair.secret.key);
  if (methods[0] !== "password" || !password) throw bodyInvalid();
  const { user } = password;
  const named =
    user.id !== undefined || (user.name !== undefined && (user.domain?.name ?? user.domain?.id) !== undefined);
  if (!named) throw bodyInvalid();
  return loginByPassword(iam, user, user.password, requestId);
}

interface ProjectFound {
  project_id: string | null;
  project_name: string | null;
}

/** The project that the scope names; nulls for the account. What another account has counts as not there. */
async function projectOf(session: Session, user: UserFound, scope: Static<typeof Scope> = {}): Promise<ProjectFound> {
  const { project, domain } = scope;
  if (project) {
    const [column, value] = namedBy(project);
    const select = `SELECT id AS project_id, name AS project_name FROM iam_projects WHERE domain_id = ? AND ${column} = ?`;
    const found = await session.get<ProjectFound>(select, [user.domain_id, value]);
    if (!found) throw notFound("project", value);
    return found;
  }
  if (domain) {
    const [column, value] = namedBy(domain);
    if (value !== (column === "id" ? user.domain_id : user.domain_name)) throw notFound("domain", value);
  }
  return { project_id: null, project_name: null };
}

function namedBy({ id, name }: Static<typeof Named>): ["id" | "name", string] {
  if (id !== undefined) return ["id", id];
  if (name === undefined) throw bodyInvalid();
  return ["name", name];
}
