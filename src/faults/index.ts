export { classify, isControlFlow } from "./classify.ts";
export {
  type Category,
  categories,
  Fault,
  type FaultOptions,
  type FaultRecord,
  faultRecord,
  isFault,
  type Json,
} from "./fault.ts";
