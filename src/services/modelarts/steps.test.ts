import { testEverySteps } from "../../../test/every-step.ts";
import { modelarts as stories } from "../../../test/stories/index.ts";
import { modelarts } from "./index.ts";

testEverySteps(modelarts, stories);
