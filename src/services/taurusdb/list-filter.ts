import { type Static, Type } from "typebox";
import { refused } from "./dialect.ts";
import type { Family } from "./family.ts";
import { specOf } from "./instance.ts";
import { ipsOf } from "./instance-view.ts";
import { Limit, Offset, Text } from "./schemas.ts";

export const ListFilter = Type.Object({
  id: Type.Optional(Text),
  name: Type.Optional(Text),
  type: Type.Optional(Text),
  datastore_type: Type.Optional(Text),
  vpc_id: Type.Optional(Text),
  subnet_id: Type.Optional(Text),
  private_ip: Type.Optional(Text),
  readonly_private_ip: Type.Optional(Text),
  proxy_ip: Type.Optional(Text),
  tags: Type.Optional(Type.String({ maxLength: 2048 })),
  offset: Offset,
  limit: Limit,
});

export type ListQuery = Static<typeof ListFilter>;

interface Filter {
  query: ListQuery;
  tags: { key: string; value: string }[];
}

/** Reads what the schema cannot: `*part` as a name, `k=v,k2=v2` as tags. */
export function readFilter(query: ListQuery): Filter {
  if (query.name === "*") throw refused("280001");
  const tags = (query.tags ?? "").split(",").filter(Boolean);
  const pairs = tags.map((tag) => {
    const at = tag.indexOf("=");
    if (at < 1) throw refused("280001");
    return { key: tag.slice(0, at), value: tag.slice(at + 1) };
  });
  return { query, tags: pairs };
}

/** A name that begins with `*` is a part of the wanted ones; case counts. */
const namedAs = (name: string, wanted: string): boolean =>
  wanted.startsWith("*") ? name.includes(wanted.slice(1)) : name === wanted;

/** Whether a database passes every filter that is given. */
export function matches(family: Family, { query, tags }: Filter): boolean {
  const { instance } = family;
  const spec = specOf(instance);
  const ips = ipsOf(family);
  const given: [string | undefined, (wanted: string) => boolean][] = [
    [query.name, (wanted) => namedAs(instance.name, wanted)],
    [query.type, (wanted) => spec.mode === wanted],
    [query.datastore_type, (wanted) => spec.datastore.type === wanted.toLowerCase()],
    [query.vpc_id, (wanted) => spec.vpc_id === wanted],
    [query.subnet_id, (wanted) => spec.subnet_id === wanted],
    [query.private_ip, (wanted) => ips.write.includes(wanted)],
    [query.readonly_private_ip, (wanted) => ips.read.includes(wanted)],
    [query.proxy_ip, (wanted) => ips.proxy.includes(wanted)],
  ];
  const tagged = tags.every(({ key, value }) => spec.tags.some((tag) => tag.key === key && tag.value === value));
  return tagged && given.every(([wanted, passes]) => !wanted || passes(wanted));
}
