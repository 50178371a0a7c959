import { describe } from "vitest";
import { configsSpec } from "../spec/checkpointer/configs.ts";
import { eachEngine } from "../support/database.ts";
import { alone, inMemory } from "./savers.ts";

describe("configs in memory", () => configsSpec(async () => inMemory()));
eachEngine("configs", (open) => configsSpec(async () => alone(await open())));
