import { isoMillis } from "../../wire/index.ts";
import type { Body, Recorded } from "./log.ts";
import { redactBody, redactFields } from "./redact.ts";
import { HIDDEN, isSecret } from "./secret-names.ts";

/** What is shown of one body, in characters. */
const SHOWN_MOST = 16 * 1024;

/** A request and its answer without their secrets, as JSON. */
export function requestView(one: Recorded): object {
  const [path, query] = split(one.target);
  return {
    number: one.number,
    id: one.requestId,
    at: isoMillis(one.at),
    ms: one.ms,
    service: one.service ?? null,
    operation: one.operation ?? null,
    tenant: one.tenant || null,
    method: one.method,
    path: publicPath(path, one.route),
    query: redactFields(fieldsOf(query)),
    headers: redactFields(one.headers),
    ...bodyView(one.body),
    answer: one.status === undefined ? null : answerView(one, one.status),
    faults: one.faults,
  };
}

const answerView = ({ requestId, answerHeaders, answerBody }: Recorded, status: number): object => ({
  status,
  headers: redactFields({ "x-request-id": requestId, ...answerHeaders }),
  ...bodyView(answerBody),
});

function split(target: string): [string, string] {
  const at = target.indexOf("?");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}

/** A repeated parameter is a list. */
function fieldsOf(query: string): Record<string, string | string[]> {
  const all = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(all.keys())].map((name) => {
      const values = all.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

/** Some paths name a key. */
function publicPath(path: string, route: string | undefined): string {
  const names = route?.split("/") ?? [];
  const isHidden = (index: number) => /^\{\w+\}$/.test(names[index] ?? "") && isSecret(names[index] ?? "");
  return path
    .split("/")
    .map((part, index) => (isHidden(index) ? HIDDEN : part))
    .join("/");
}

/** `body_cut` is how many characters it had, where it is not whole. */
function bodyView(body: Body): { body: unknown; body_cut?: number } {
  if (body === undefined) return { body: null };
  if (typeof body === "number") return { body: null, body_cut: body };
  const shown = redactBody(body);
  const text = "json" in shown ? JSON.stringify(shown.json) : shown.text;
  if (text.length > SHOWN_MOST) return { body: text.slice(0, SHOWN_MOST), body_cut: body.length };
  return { body: "json" in shown ? shown.json : shown.text };
}
