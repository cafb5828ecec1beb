import type { Operation } from "../../wire/index.ts";
import type { IamHouse } from "../house.ts";
import { createAccessKey, deleteAccessKey, listAccessKeys, showAccessKey, updateAccessKey } from "./access-keys.ts";
import { listAuthDomains, listRegions, showCatalog } from "./account.ts";
import { createProject } from "./create-project.ts";
import { createToken } from "./create-token.ts";
import { listAuthProjects, listProjects } from "./list-projects.ts";
import { revokeToken, showToken } from "./tokens.ts";

/** Every operation of IAM. */
export function routes(iam: IamHouse): Operation[] {
  const all = [
    createToken,
    showToken,
    revokeToken,
    listProjects,
    createProject,
    listAuthProjects,
    listAuthDomains,
    listRegions,
    showCatalog,
    listAccessKeys,
    createAccessKey,
    showAccessKey,
    updateAccessKey,
    deleteAccessKey,
  ];
  return all.map((operationOf) => operationOf(iam));
}
