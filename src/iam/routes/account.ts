import { type Operation, operation } from "../../wire/index.ts";
import { catalogOf } from "../catalog.ts";
import type { IamHouse } from "../house.ts";

export const listAuthDomains = (_iam: IamHouse): Operation =>
  operation({
    id: "KeystoneListAuthDomains",
    method: "GET",
    path: "/v3/auth/domains",
    summary: "Shows the caller's account",
    action: null,
    success: 200,
    access: "account",
    handle: async ({ principal: { domainId: id, domainName: name }, endpoint }) => {
      const domain = { id, name, description: "", enabled: true, links: { self: `${endpoint}/v3/domains/${id}` } };
      return { body: { domains: [domain], links: { self: `${endpoint}/v3/auth/domains` } } };
    },
  });

export const listRegions = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneListRegions",
    method: "GET",
    path: "/v3/regions",
    summary: "Lists the regions",
    action: null,
    success: 200,
    access: "account",
    handle: async ({ endpoint }) => {
      const { region: id } = iam;
      const links = { self: `${endpoint}/v3/regions/${id}` };
      const region = {
        id,
        type: "public",
        description: "",
        parent_region_id: null,
        links,
        locales: { "zh-cn": id, "en-us": id },
      };
      return { body: { regions: [region], links: { self: `${endpoint}/v3/regions`, previous: null, next: null } } };
    },
  });

export const showCatalog = (iam: IamHouse): Operation =>
  operation({
    id: "KeystoneShowCatalog",
    method: "GET",
    path: "/v3/auth/catalog",
    summary: "Lists the services with their endpoints",
    action: null,
    success: 200,
    access: "project",
    handle: async ({ endpoint }) => ({
      body: { catalog: catalogOf(iam, endpoint), links: { self: `${endpoint}/v3/auth/catalog` } },
    }),
  });
