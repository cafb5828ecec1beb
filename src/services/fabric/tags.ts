import type { Resource } from "../../lifecycle/index.ts";
import { fuzzy } from "../../wire/index.ts";
import { TAGS_MOST } from "./choices.ts";
import { refused } from "./dialect.ts";
import type { WorkspaceSpec } from "./workspace.ts";

export interface Tag {
  key: string;
  value: string;
}

/** The one system tag: the workspace's enterprise project. */
export const SYSTEM_KEY = "_sys_enterprise_project_id";

/** The table of codes has these; their texts are not shown anywhere. */
const CODES = {
  sameKey: "dataartsfabric.00010026",
  sameValue: "dataartsfabric.00010028",
  sysDelete: "dataartsfabric.00010034",
  sysChange: "dataartsfabric.00010035",
} as const;

/** What a tag filter asks for. */
export interface TagFilter {
  without_any_tag?: boolean;
  tags?: readonly { key: string; values?: readonly string[] }[];
  sys_tags?: readonly { key: string; values?: readonly string[] }[];
  matches?: readonly { key: string; value: string }[];
}

const specOf = (workspace: Resource) => workspace.spec as unknown as WorkspaceSpec;

export const tagsOf = (workspace: Resource): Tag[] => specOf(workspace).tags;
export const systemTagsOf = (workspace: Resource): Tag[] => [
  { key: SYSTEM_KEY, value: specOf(workspace).enterprise_project_id },
];

export function mustDiffer(tags: readonly { key: string }[]): void {
  const twice = tags.find(({ key }, at) => tags.findIndex((other) => other.key === key) !== at);
  if (twice) throw refused(`the tag key ${twice.key} is given twice`, CODES.sameKey);
}

/** System tags belong to the enterprise project service, not to the callers of this one. */
export function mustNotTouchSystem(sysTags: readonly unknown[] | undefined, act: "change" | "delete"): void {
  if (sysTags === undefined || sysTags.length === 0) return;
  if (act === "delete") throw refused("system tags cannot be deleted in a batch", CODES.sysDelete);
  throw refused("system tags cannot be set by this caller", CODES.sysChange);
}

/** The tags with these added; an existing key is overwritten. */
export function withTags(tags: readonly Tag[], added: readonly { key: string; value?: string }[]): Tag[] {
  mustDiffer(added);
  const all = new Map([...tags, ...added].map(({ key, value = "" }) => [key, value]));
  if (all.size > TAGS_MOST) throw refused(`a workspace has at most ${TAGS_MOST} tags`);
  return [...all].map(([key, value]) => ({ key, value }));
}

/** The tags without these; a given value must match too, and what is absent is left out of account. */
export const withoutTags = (tags: readonly Tag[], removed: readonly { key: string; value?: string }[]): Tag[] =>
  tags.filter(({ key, value }) => !removed.some((one) => one.key === key && (one.value ?? value) === value));

export function mustBeFilter({ tags = [], sys_tags = [] }: TagFilter): void {
  mustDiffer(tags);
  for (const { key, values = [] } of [...tags, ...sys_tags]) {
    if (new Set(values).size < values.length) throw refused(`a value of ${key} is given twice`, CODES.sameValue);
  }
}

/** All keys must be there, each with one of its values if it has any; `without_any_tag` leaves `tags` out of account. */
export function matchesTags(workspace: Resource, { without_any_tag, tags, sys_tags, matches }: TagFilter): boolean {
  const own = tagsOf(workspace);
  const wanted = without_any_tag ? own.length === 0 : hasAll(own, tags);
  if (!wanted || !hasAll(systemTagsOf(workspace), sys_tags)) return false;
  return (matches ?? []).every(({ value }) => fuzzy(workspace.name, value));
}

const hasAll = (own: readonly Tag[], asked: TagFilter["tags"] = []): boolean =>
  asked.every(({ key, values = [] }) =>
    own.some((tag) => tag.key === key && (values.length === 0 || values.includes(tag.value))),
  );

/** Each key with all its values over these workspaces, in the order of their first use. */
export function tagValues(workspaces: readonly Resource[]): { key: string; values: string[] }[] {
  const found = new Map<string, Set<string>>();
  for (const { key, value } of workspaces.flatMap(tagsOf)) found.set(key, (found.get(key) ?? new Set()).add(value));
  return [...found].map(([key, values]) => ({ key, values: [...values] }));
}

export const taggedView = (workspace: Resource): object => ({
  resource_id: workspace.id,
  resource_detail: {},
  resource_name: workspace.name,
  tags: tagsOf(workspace),
  sys_tags: systemTagsOf(workspace),
});
