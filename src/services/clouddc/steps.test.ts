import { testEverySteps } from "../../../test/every-step.ts";
import { clouddc as stories } from "../../../test/stories/index.ts";
import { clouddc } from "./index.ts";

testEverySteps(clouddc, stories);
