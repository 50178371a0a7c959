/** How each kind of fulfilment step is taken back. Named in the ledger, so the names outlive a deployment. */
import type pg from "pg";
import { z } from "zod";
import type { SagaStep, Undo } from "#src/recovery/index.ts";
import type { PaymentClient } from "./services/payment-client.ts";
import type { ShopStore } from "./shop/shop.ts";
import { actionSchema } from "./tools/action.ts";
import type { Effectuation } from "./tools/effectuation.ts";
import { revertAction } from "./tools/write.ts";

/** A change of the shop's records. Its result in the ledger is the Effectuation. */
export const changeArgs = z.object({ branch: z.string(), customerId: z.string(), action: actionSchema });
/** Money moved through the payment service, under the step's key. */
export const transferArgs = z.object({
  thread: z.string(),
  kind: z.enum(["charge", "refund"]),
  method: z.string(),
  amount: z.number(),
});

export const compensations = (shop: ShopStore, payment: PaymentClient) =>
  ({
    revert_change: {
      within: (tx, step, key) =>
        // Only this project's own `applyAction` put the result there.
        revertAction(
          tx,
          shop.on(changeArgs.parse(step.args).branch),
          step.result as unknown as Effectuation,
          key,
        ),
    },
    cancel_transfer: {
      // Past the service's breaker: an undo that is owed is tried, however the service has been doing.
      run: async (step: SagaStep) => {
        await payment.cancel({ thread: transferArgs.parse(step.args).thread, key: step.effect });
      },
    },
  }) satisfies Record<string, Undo<pg.PoolClient>>;
