export { type Category, categories, isWorse } from "./category.ts";
export { classify } from "./classify.ts";
export { isControlFlow } from "./control-flow.ts";
export { Fault, type FaultOptions, isFault, type Json } from "./fault.ts";
export { type FaultRecord, faultRecord } from "./fault-record.ts";
