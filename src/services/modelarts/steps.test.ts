import { testEverySteps } from "../../../test/every-step.ts";
import * as stories from "../../../test/stories/modelarts.ts";
import { modelarts } from "./index.ts";

testEverySteps(modelarts, stories);
