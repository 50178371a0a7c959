import { describe } from "vitest";
import { forksSpec } from "../spec/checkpointer/forks.ts";
import { writeOrderSpec } from "../spec/checkpointer/write-order.ts";
import { eachEngine, reusing } from "../support/database.ts";
import { inMemory, mirrored } from "./savers.ts";

describe("forks in memory", () => forksSpec(async () => inMemory()));
describe("the order of writes in memory", () => writeOrderSpec(async () => inMemory()));
eachEngine("forks", (open) => {
  const emptied = reusing(open);
  forksSpec(async () => mirrored(await emptied()));
});
eachEngine("the order of writes", (open) => {
  const emptied = reusing(open);
  writeOrderSpec(async () => mirrored(await emptied()));
});
