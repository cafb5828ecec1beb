export { Faults, type FaultsHouse, type Hit, TooManyFaults } from "./registry.ts";
export type { Fault } from "./rows.ts";
export * from "./spec.ts";
