import { type Static, Type } from "typebox";
import type { ProjectRow, Session } from "../../store/index.ts";
import { type Operation, operation } from "../../wire/index.ts";
import type { IamHouse } from "../house.ts";
import { Text } from "./fields.ts";
import { projectView } from "./project-view.ts";

const LONGEST_PAGE = 5_000;

const Query = Type.Object({
  domain_id: Type.Optional(Text(64)),
  name: Type.Optional(Text(64)),
  parent_id: Type.Optional(Text(64)),
  enabled: Type.Optional(Type.Boolean()),
  is_domain: Type.Optional(Type.Boolean()),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_PAGE })),
});

export const listProjects = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneListProjects",
    method: "GET",
    path: "/v3/projects",
    summary: "Lists the account's projects",
    action: "iam:projects:listProjects",
    success: 200,
    access: "account",
    query: Query,
    handle: async ({ query, principal, endpoint }) => {
      const rows = await iam.store.read((session) => selectProjects(session, principal.domainId, query));
      const self = selfLink(`${endpoint}/v3/projects`, query);
      return {
        body: { projects: rows.map((row) => projectView(row, endpoint)), links: { self, previous: null, next: null } },
      };
    },
  });

export const listAuthProjects = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneListAuthProjects",
    method: "GET",
    path: "/v3/auth/projects",
    summary: "Lists the projects that the caller can use",
    action: null,
    success: 200,
    access: "account",
    handle: async ({ principal, endpoint }) => {
      const rows = await iam.store.read((session) => selectProjects(session, principal.domainId, {}));
      return {
        body: {
          projects: rows.map((row) => projectView(row, endpoint)),
          links: { self: `${endpoint}/v3/auth/projects` },
        },
      };
    },
  });

/** The projects of the account that pass the filters, by name. All are enabled, and none is a domain. */
function selectProjects(session: Session, domainId: string, query: Static<typeof Query>): Promise<ProjectRow[]> {
  const { domain_id, name, parent_id, enabled, is_domain, page = 1, per_page = LONGEST_PAGE } = query;
  const none = (domain_id ?? domainId) !== domainId || enabled === false || is_domain === true;
  return session.all<ProjectRow>(
    `SELECT * FROM iam_projects WHERE domain_id = ? AND name = COALESCE(?, name) AND parent_id = COALESCE(?, parent_id)
     ORDER BY name, id LIMIT ? OFFSET ?`,
    [none ? "" : domainId, name ?? null, parent_id ?? null, per_page, (page - 1) * per_page],
  );
}

function selfLink(url: string, query: Static<typeof Query>): string {
  const pairs = Object.keys(Query.properties).flatMap((name) => {
    const value = query[name as keyof typeof query];
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  return pairs.length === 0 ? url : `${url}?${pairs.join("&")}`;
}
