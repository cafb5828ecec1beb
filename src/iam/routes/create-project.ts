import { Type } from "typebox";
import type { ProjectRow, Session } from "../../store/index.ts";
import { type Operation, operation } from "../../wire/index.ts";
import { fault, keystoneError, notFound, notPermitted } from "../errors.ts";
import type { IamHouse } from "../house.ts";
import { Text } from "./fields.ts";
import { projectView } from "./project-view.ts";

/** Projects that one account can have. */
export const MOST_PROJECTS = 100;

const Body = Type.Object({
  project: Type.Object({
    name: Type.String({ pattern: "^[A-Za-z0-9_-]{1,64}$" }),
    parent_id: Type.Optional(Text(64)),
    domain_id: Type.Optional(Text(64)),
    description: Type.Optional(Text(255)),
  }),
});

export const createProject = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneCreateProject",
    method: "POST",
    path: "/v3/projects",
    summary: "Creates a project",
    action: "iam:projects:createProject",
    success: 201,
    access: "account",
    body: Body,
    handle: async ({ body, principal, caller, endpoint }) => {
      const { name, parent_id, domain_id, description = "" } = body.project;
      if ((domain_id ?? principal.domainId) !== principal.domainId) throw fault(notPermitted());
      const asked = {
        id: iam.ids.hex32(),
        domain_id: principal.domainId,
        name,
        description,
        parent_id: parent_id ?? "",
      };
      const row = await iam.store.write("iam project", (session) => insert(session, asked, iam.region), {
        signal: caller.signal,
      });
      return { body: { project: projectView(row, endpoint) } };
    },
  });

async function insert(session: Session, asked: ProjectRow, region: string): Promise<ProjectRow> {
  const { id, domain_id, name, description } = asked;
  await session.get(`SELECT id FROM iam_domains WHERE id = ?${session.forUpdate}`, [domain_id]);
  const others = await session.all<ProjectRow>("SELECT * FROM iam_projects WHERE domain_id = ?", [domain_id]);
  if (others.some((other) => other.name === name)) {
    throw fault(keystoneError(409, "Conflict occurred attempting to store project - Duplicate Entry."));
  }
  if (others.length >= MOST_PROJECTS)
    throw fault(keystoneError(403, `The account has ${MOST_PROJECTS} projects, and cannot have more.`));
  const parent_id = parentOf(asked, others, region);
  await session.run("INSERT INTO iam_projects (id, domain_id, name, parent_id, description) VALUES (?, ?, ?, ?, ?)", [
    id,
    domain_id,
    name,
    parent_id,
    description,
  ]);
  return { ...asked, parent_id };
}

/** The region's project is inside the account. Any other is named after the project that it is inside. */
function parentOf({ domain_id, name, parent_id }: ProjectRow, others: readonly ProjectRow[], region: string): string {
  if (name === region && (parent_id === "" || parent_id === domain_id)) return domain_id;
  const parent = others.find((other) =>
    parent_id === "" ? name.startsWith(`${other.name}_`) : other.id === parent_id,
  );
  if (!parent) {
    if (parent_id !== "" && parent_id !== domain_id) throw notFound("project", parent_id);
    throw nameRefused(`${region}_`);
  }
  if (!name.startsWith(`${parent.name}_`)) throw nameRefused(`${parent.name}_`);
  return parent.id;
}

const nameRefused = (prefix: string) =>
  fault(keystoneError(400, `Invalid input for field 'name': it must begin with ${prefix}`));
