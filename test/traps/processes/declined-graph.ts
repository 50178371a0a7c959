/** A graph whose `work` fails for good. The process that dies in it and the one that goes on both build it. */
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { Fault } from "#src/faults/index.ts";
import { workOnly } from "../graphs.ts";

export const declinedGraph = (checkpointer: BaseCheckpointSaver, onRun: () => void) =>
  workOnly(() => {
    onRun();
    throw new Fault("compensable", "card_declined", "the card was declined", { details: { tries: 1 } });
  }).compile({ checkpointer });
