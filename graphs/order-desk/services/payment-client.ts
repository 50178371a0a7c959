/** The desk's way to the payment service. Retrying is the caller's affair: each call is tried once. */
import { z } from "zod";
import { type Cancellation, cancellationSchema, type Transfer, transferSchema } from "./api.ts";
import { callService } from "./service-call.ts";

export interface MoneyRequest {
  /** The ticket's thread. */
  thread: string;
  /** Idempotency-Key: the same key moves money once, however often it is sent. */
  key: string;
  /** Id of a payment method. */
  method: string;
  /** With no more than two decimals, above 0. */
  amount: number;
  signal?: AbortSignal | undefined;
}

export interface PaymentClient {
  /** @throws As {@link callService}. */
  charge(request: MoneyRequest): Promise<Transfer>;
  /** @throws As {@link callService}. */
  refund(request: MoneyRequest): Promise<Transfer>;
  /**
   * Takes back the transfer made with `key`. If there was none, none can come any more: a late one is refused.
   *
   * @returns Whether money had moved.
   * @throws As {@link callService}.
   */
  cancel(transfer: { thread: string; key: string; signal?: AbortSignal | undefined }): Promise<Cancellation>;
  /**
   * Every transfer of the thread in the order made, cancelled ones too. A key that stands twice moved money twice.
   *
   * @throws As {@link callService}.
   */
  transfers(thread: string): Promise<Transfer[]>;
}

export function paymentClient(url: string): PaymentClient {
  const move =
    (path: string) =>
    ({ thread, key, signal, method, amount }: MoneyRequest) =>
      callService(
        url,
        { method: "POST", path, thread, key, body: { method, amount }, signal },
        transferSchema,
      );
  return {
    charge: move("/charges"),
    refund: move("/refunds"),
    cancel: ({ thread, key, signal }) =>
      callService(
        url,
        {
          method: "POST",
          path: "/cancellations",
          thread,
          key: `cancel ${key}`,
          body: { transfer: key },
          signal,
        },
        cancellationSchema,
      ),
    transfers: (thread) =>
      callService(url, { method: "GET", path: "/transfers", thread }, z.array(transferSchema)),
  };
}
