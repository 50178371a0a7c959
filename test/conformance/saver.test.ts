/** LangGraph's own specification on both engines; with keys in `sealed.test.ts`. */
import { eachEngine } from "../support/database.ts";
import { officialSpec } from "./official.ts";

eachEngine("the checkpointer", (open, engine) => {
  officialSpec(`FaultlineSaver on ${engine}`, open);
});
