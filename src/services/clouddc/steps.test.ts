import { testEverySteps } from "../../../test/every-step.ts";
import * as stories from "../../../test/stories/clouddc.ts";
import { clouddc } from "./index.ts";

testEverySteps(clouddc, stories);
