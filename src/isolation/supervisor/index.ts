export { type Supervision, supervisionChannels } from "./channels.ts";
export type { Child, ChildGraph, SupervisorOptions } from "./options.ts";
export type { Restart } from "./rules.ts";
export { supervise } from "./supervise.ts";
