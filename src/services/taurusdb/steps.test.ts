import { testEverySteps } from "../../../test/every-step.ts";
import { taurusdb as stories } from "../../../test/stories/index.ts";
import { taurusdb } from "./index.ts";

testEverySteps(taurusdb, stories);
