import { describe } from "vitest";
import { listsSpec } from "../spec/checkpointer/lists.ts";
import { messagesSpec } from "../spec/checkpointer/messages.ts";
import type { OpenSubject } from "../spec/checkpointer/subject.ts";
import { bytesSpec, writesAndValuesSpec } from "../spec/checkpointer/writes-and-values.ts";
import { eachEngine, reusing } from "../support/database.ts";
import { alone, inMemory, mirrored } from "./savers.ts";

function valuesSpec(open: OpenSubject): void {
  listsSpec(open);
  messagesSpec(open);
  writesAndValuesSpec(open);
}

describe("values in memory", () => valuesSpec(async () => inMemory()));
eachEngine("values", (open) => {
  const emptied = reusing(open);
  valuesSpec(async () => mirrored(await emptied()));
});
eachEngine("bytes", (open) => {
  const emptied = reusing(open);
  bytesSpec(async () => alone(await emptied()));
});
