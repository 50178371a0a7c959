export { type AuditOptions, auditGraph } from "./audit.ts";
export { type Finding, type Trap, traps } from "./finding.ts";
