/** The chapters, for whoever tells them in another process; the longest first. */
export const CHAPTER_NAMES = [
  "fabric-endpoints",
  "fabric-jobs",
  "taurusdb-databases",
  "fabric-instances",
  "modelarts-notebooks",
  "clouddc-instances",
] as const;

export type ChapterName = (typeof CHAPTER_NAMES)[number];
