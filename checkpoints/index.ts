export { CannotOpenError, isCannotOpenError } from "./encryption.ts";
export { isLeaseHeldError, isLeaseLostError, LeaseHeldError, LeaseLostError } from "./lease-errors.ts";
export type { Leases } from "./leases.ts";
export { openPersistence, type Persistence, type PersistenceOptions } from "./persistence.ts";
export { isPersistenceError, PersistenceError } from "./persistence-error.ts";
export { type PrunedThread, type PruneOptions, prune } from "./retention.ts";
export { CheckpointDamagedError, isCheckpointDamagedError } from "./saver/damaged.ts";
export { isStartUpError, StartUpError } from "./start-up-error.ts";
