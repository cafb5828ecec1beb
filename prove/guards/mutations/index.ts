import type { Mutation } from "../mutation.ts";
import { accepting } from "./accepting.ts";
import { front } from "./front.ts";
import { iam } from "./iam.ts";
import { ledger } from "./ledger.ts";
import { operator } from "./operator.ts";
import { plans } from "./plans.ts";
import { redfish } from "./redfish.ts";
import { services } from "./services.ts";
import { store } from "./store.ts";
import { walking } from "./walking.ts";

export const MUTATIONS: readonly Mutation[] = [
  ...accepting,
  ...walking,
  ...ledger,
  ...plans,
  ...operator,
  ...store,
  ...front,
  ...iam,
  ...services,
  ...redfish,
];
