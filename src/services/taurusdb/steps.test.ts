import { testEverySteps } from "../../../test/every-step.ts";
import * as stories from "../../../test/stories/taurusdb.ts";
import { taurusdb } from "./index.ts";

testEverySteps(taurusdb, stories);
