import { memoryLedger } from "#src/recovery/index.ts";
import { effectLedgerSpec } from "../spec/effect-ledger.ts";

effectLedgerSpec(memoryLedger);
