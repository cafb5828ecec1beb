import type { Language } from "../../wire/index.ts";
import type { Catalogue } from "./catalogue.ts";

/** What the wire views need beside the resources. */
export interface ViewContext {
  catalogue: Catalogue;
  region: string;
  language: Language;
  /** Statuses in the words of `/v3.1`. */
  unified: boolean;
}

const UNIFIED: Readonly<Record<string, string>> = {
  BUILD: "creating",
  ACTIVE: "normal",
  FAILED: "createfail",
};

/** A status of `/v3`, or the word that `/v3.1` has for it. */
export const statusWord = (status: string, { unified }: ViewContext): string =>
  unified ? (UNIFIED[status] ?? "abnormal") : status;

/** `[{code: "eu-local-1a", description: "AZ1"}]` */
export function zoneView(code: string, { catalogue, region, language }: ViewContext): object[] {
  const number = catalogue.zones.findIndex((letter) => code === `${region}${letter}`) + 1;
  return [{ code, description: language === "zh-cn" ? `可用区${number}` : `AZ${number}` }];
}
