import { describe } from "vitest";
import { configsSpec } from "../spec/checkpointer/configs.ts";
import { eachEngine, reusing } from "../support/database.ts";
import { alone, inMemory } from "./savers.ts";

describe("configs in memory", () => configsSpec(async () => inMemory()));
eachEngine("configs", (open) => {
  const emptied = reusing(open);
  configsSpec(async () => alone(await emptied()));
});
