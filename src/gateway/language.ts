import type { Language } from "../wire/index.ts";

/** X-Language in any case, with `-` or `_`; anything unknown is English. */
export function languageOf(header: string | string[] | undefined): Language {
  const wanted = (Array.isArray(header) ? header[0] : header)?.toLowerCase().replace("_", "-");
  return wanted === "zh-cn" ? "zh-cn" : "en-us";
}
