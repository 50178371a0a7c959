import { describe } from "vitest";
import { forksSpec } from "../spec/checkpointer/forks.ts";
import { writeOrderSpec } from "../spec/checkpointer/write-order.ts";
import { eachEngine } from "../support/database.ts";
import { inMemory, mirrored } from "./savers.ts";

describe("forks in memory", () => forksSpec(async () => inMemory()));
describe("the order of writes in memory", () => writeOrderSpec(async () => inMemory()));
eachEngine("forks", (open) => forksSpec(async () => mirrored(await open())));
eachEngine("the order of writes", (open) => writeOrderSpec(async () => mirrored(await open())));
