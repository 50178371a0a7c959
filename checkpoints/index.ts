export { openPersistence, type Persistence, type PersistenceOptions } from "./persistence.ts";
export { isStartUpError, StartUpError } from "./start-up-error.ts";
