export { type BreakerEvent, type EventRuntime, emit, eventOf, type FaultlineEvent } from "./event.ts";
