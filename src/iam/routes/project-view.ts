import type { ProjectRow } from "../../store/index.ts";

export function projectView({ id, name, domain_id, parent_id, description }: ProjectRow, endpoint: string) {
  const links = { self: `${endpoint}/v3/projects/${id}` };
  return { id, name, domain_id, parent_id, description, enabled: true, is_domain: false, links };
}
