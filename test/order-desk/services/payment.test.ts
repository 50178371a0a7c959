import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Persistence } from "#checkpoints/index.ts";
import { type PaymentClient, paymentClient } from "#graphs/order-desk/services/payment-client.ts";
import { type Services, startServices } from "#graphs/order-desk/services/services.ts";
import { serviceTables } from "#graphs/order-desk/services/tables.ts";
import { eachEngine } from "../../support/database.ts";
import { post } from "./post.ts";

const move = { method: "paypal_1", amount: 12.5 };

eachEngine("the payment service", (open) => {
  let persistence: Persistence;
  let services: Services;
  let payment: PaymentClient;
  let thread: string;
  let count = 0;

  beforeAll(async () => {
    persistence = await open();
    services = await startServices(persistence.pool, persistence.schema, { seed: 1 });
    payment = paymentClient(services.paymentUrl);
    return () => services.close();
  });
  beforeEach(() => {
    thread = `thread ${++count}`;
  });
  const key = (name: string) => `${thread}/${name}`;
  const charge = (name: string, amount = move.amount) =>
    payment.charge({ thread, key: key(name), ...move, amount });
  const keys = async () => (await payment.transfers(thread)).map((transfer) => transfer.key);

  describe("moves money once for one key", () => {
    it("when ten requests with it arrive together", async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => charge("a")));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(await keys()).toEqual([key("a")]);
    });

    it("when the answer to the first was lost and it is sent again", async () => {
      services.scene(thread, { payment: { faults: ["reset_after"] } });
      await expect(charge("a")).rejects.toMatchObject({ category: "transient" });
      expect(await keys()).toEqual([key("a")]);
      expect(await charge("a")).toEqual({ key: key("a"), kind: "charge", ...move, cancelled: false });
      expect(await keys()).toEqual([key("a")]);
    });

    it("when the connection broke before the work, which is then done by the next attempt", async () => {
      services.scene(thread, { payment: { faults: ["reset_before"] } });
      await expect(charge("a")).rejects.toMatchObject({ category: "transient" });
      expect(await keys()).toEqual([]);
      await charge("a");
      expect(await keys()).toEqual([key("a")]);
    });

    it("when the service was started anew in between", async () => {
      const first = await charge("a");
      const restarted = await startServices(persistence.pool, persistence.schema, { seed: 1 });
      try {
        const again = await paymentClient(restarted.paymentUrl).charge({ thread, key: key("a"), ...move });
        expect(again).toEqual(first);
      } finally {
        await restarted.close();
      }
      expect(await keys()).toEqual([key("a")]);
    });
  });

  it.each([
    ["amount", () => payment.charge({ thread, key: key("a"), ...move, amount: 13 })],
    ["method", () => payment.charge({ thread, key: key("a"), ...move, method: "paypal_2" })],
    ["direction", () => payment.refund({ thread, key: key("a"), ...move })],
    ["thread", () => payment.charge({ thread: `${thread} b`, key: key("a"), ...move })],
  ])("a used key does not move money for another %s", async (_, request) => {
    await charge("a");
    await expect(request()).rejects.toMatchObject({ category: "unexpected", code: "http_422" });
    expect(await payment.transfers(thread)).toHaveLength(1);
    expect(await payment.transfers(`${thread} b`)).toEqual([]);
  });

  describe("takes a transfer back", () => {
    it("that was made, once, and does not call a second charge with its key a success", async () => {
      await charge("a");
      await charge("b");
      expect(await payment.cancel({ thread, key: key("a") })).toMatchObject({ happened: true });
      expect(await payment.cancel({ thread, key: key("a") })).toMatchObject({ happened: true });
      await expect(charge("a")).rejects.toMatchObject({ category: "compensable", code: "effect_cancelled" });
      expect(await payment.transfers(thread)).toMatchObject([
        { key: key("a"), cancelled: true },
        { key: key("b"), cancelled: false },
      ]);
    });

    it("that was never made, and then refuses the one that was only late", async () => {
      expect(await payment.cancel({ thread, key: key("a") })).toMatchObject({ happened: false });
      await expect(charge("a")).rejects.toMatchObject({ category: "compensable", code: "effect_cancelled" });
      expect(await keys()).toEqual([]);
    });

    it("that is under way: no money is left moved, whichever comes first", async () => {
      const names = Array.from({ length: 8 }, (_, n) => `race ${n}`);
      await Promise.all(
        names.flatMap((name) => [
          charge(name).catch((error: unknown) => expect(error).toMatchObject({ code: "effect_cancelled" })),
          payment.cancel({ thread, key: key(name) }),
        ]),
      );
      expect((await payment.transfers(thread)).filter(({ cancelled }) => !cancelled)).toEqual([]);
    });

    it("of its own thread only, and leaves another's as it was", async () => {
      const cancelByStranger = (name: string) => payment.cancel({ thread: `${thread} b`, key: key(name) });
      const first = await charge("a");
      await expect(cancelByStranger("a")).rejects.toMatchObject({ code: "http_422" });
      expect(await charge("a")).toEqual(first);
      await payment.cancel({ thread, key: key("a") });
      await expect(cancelByStranger("a")).rejects.toMatchObject({ code: "http_422" });
      await expect(charge("a")).rejects.toMatchObject({ code: "effect_cancelled" });
    });
  });

  it("shows an effect that happened twice as two transfers instead of hiding it", async () => {
    await charge("a");
    const { transfers } = serviceTables(persistence.schema);
    await persistence.pool.query(
      `INSERT INTO ${transfers} (thread, key, kind, method, amount) SELECT thread, key, kind, method, amount FROM ${transfers} WHERE thread = $1`,
      [thread],
    );
    expect(await keys()).toEqual([key("a"), key("a")]);
  });

  it("keeps threads and keys with letters that a header cannot hold", async () => {
    const odd = "Größe – 10 % #1";
    await payment.charge({ thread: `${thread} ${odd}`, key: key(odd), ...move });
    expect(await payment.transfers(`${thread} ${odd}`)).toMatchObject([{ key: key(odd) }]);
  });

  describe("down", () => {
    it("after n transfers, still takes them back, and works again when the scene is cleared", async () => {
      services.scene(thread, { payment: { downAfter: 2 } });
      await charge("a");
      await charge("b");
      for (const name of ["c", "c", "d"]) {
        await expect(charge(name)).rejects.toMatchObject({ category: "transient", code: "http_503" });
      }
      for (const name of ["c", "b", "a"]) await payment.cancel({ thread, key: key(name) });
      expect((await payment.transfers(thread)).map(({ cancelled }) => cancelled)).toEqual([true, true]);
      services.scene(thread, {});
      await charge("d");
    });

    it("counts the transfers made before a restart", async () => {
      await charge("a");
      const restarted = await startServices(persistence.pool, persistence.schema, { seed: 1 });
      restarted.scene(thread, { payment: { downAfter: 1 } });
      const again = paymentClient(restarted.paymentUrl).charge({ thread, key: key("b"), ...move });
      await expect(again).rejects.toMatchObject({ code: "http_503" });
      await restarted.close();
    });

    it("for cancels too when the scene says so", async () => {
      services.scene(thread, { payment: { downAfter: 1, cancelsDown: true } });
      await charge("a");
      await expect(payment.cancel({ thread, key: key("a") })).rejects.toMatchObject({ code: "http_503" });
      expect(await payment.transfers(thread)).toMatchObject([{ cancelled: false }]);
    });

    it("on one thread leaves the others alone", async () => {
      services.scene(thread, { payment: { downAfter: 0 } });
      await expect(charge("a")).rejects.toMatchObject({ code: "http_503" });
      await payment.charge({ thread: `${thread} b`, key: key("b"), ...move });
    });
  });

  it("limited after n transfers, it says 429 to that thread alone and still takes them back", async () => {
    services.scene(thread, { payment: { limitedAfter: 1 } });
    await charge("a");
    await expect(charge("b")).rejects.toMatchObject({
      category: "transient",
      code: "http_429",
      retryAfterMs: undefined,
    });
    await payment.charge({ thread: `${thread} b`, key: key("other"), ...move });
    await payment.cancel({ thread, key: key("a") });
    expect(await payment.transfers(thread)).toMatchObject([{ cancelled: true }]);
  });

  it("says 429 with a Retry-After that reaches the fault", async () => {
    services.scene(thread, { payment: { faults: ["429"] } });
    await expect(charge("a")).rejects.toMatchObject({
      category: "transient",
      code: "http_429",
      retryAfterMs: 1_000,
    });
    await charge("a");
  });

  it("does the work of a slow answer once", async () => {
    services.scene(thread, { payment: { faults: ["slow"] } });
    await charge("a");
    expect(await keys()).toEqual([key("a")]);
  });

  it("declined: a charge is refused for good, a refund is not", async () => {
    services.scene(thread, { payment: { declined: true } });
    await expect(charge("a")).rejects.toMatchObject({ category: "compensable", code: "payment_declined" });
    await payment.refund({ thread, key: key("b"), ...move });
    expect(await keys()).toEqual([key("b")]);
  });

  it("an abort ends the call with the reason it was given", async () => {
    const reason = new Error("stopped");
    const stopped = payment.charge({ thread, key: key("a"), ...move, signal: AbortSignal.abort(reason) });
    await expect(stopped).rejects.toBe(reason);
    services.scene(thread, { payment: { faults: ["slow"] } });
    const stop = new AbortController();
    const call = payment.charge({ thread, key: key("b"), ...move, signal: stop.signal });
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  it("no answer in time is a transient fault", async () => {
    const soon = AbortSignal.timeout(20);
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(soon);
    services.scene(thread, { payment: { faults: ["slow"] } });
    await expect(charge("a")).rejects.toMatchObject({ category: "transient", code: "service_timeout" });
    timeout.mockRestore();
  });

  it("nobody listening is a transient fault", async () => {
    const closed = await startServices(persistence.pool, persistence.schema, { seed: 1 });
    await closed.close();
    const call = paymentClient(closed.paymentUrl).charge({ thread, key: key("a"), ...move });
    await expect(call).rejects.toMatchObject({ category: "transient" });
  });

  describe("refuses, and moves nothing,", () => {
    const good = { "x-thread": "bad", "idempotency-key": "bad/1" };
    it.each([
      ["a missing key", { "x-thread": "bad" }, JSON.stringify(move), 400, "no_key"],
      [
        "a key that cannot be stored",
        { ...good, "idempotency-key": "a%00" },
        JSON.stringify(move),
        400,
        "no_key",
      ],
      ["text that cannot be stored", good, '{"method":"\\u0000","amount":1}', 400, "bad_body"],
      ["half an emoji", good, '{"method":"\\ud83d","amount":1}', 400, "bad_body"],
      ["an empty key", { ...good, "idempotency-key": "" }, JSON.stringify(move), 400, "no_key"],
      [
        "a key that is no percent-encoding",
        { ...good, "idempotency-key": "%" },
        JSON.stringify(move),
        400,
        "no_key",
      ],
      ["a missing thread", { "idempotency-key": "bad/1" }, JSON.stringify(move), 400, "no_thread"],
      ["a body that is not JSON", good, "{", 400, "bad_json"],
      ["no body", good, "", 400, "bad_body"],
      ["a list", good, "[]", 400, "bad_body"],
      ["an amount in words", good, '{"method":"m","amount":"12.50"}', 400, "bad_body"],
      ["nothing to move", good, '{"method":"m","amount":0}', 400, "bad_body"],
      ["a negative amount", good, '{"method":"m","amount":-1}', 400, "bad_body"],
      ["a fraction of a cent", good, '{"method":"m","amount":0.001}', 400, "bad_body"],
      ["an amount beyond numbers", good, '{"method":"m","amount":1e999}', 400, "bad_body"],
      ["no method", good, '{"amount":1}', 400, "bad_body"],
      ["a field that it does not know", good, '{"method":"m","amount":1,"currency":"EUR"}', 400, "bad_body"],
      [
        "a body beyond measure",
        good,
        JSON.stringify({ method: "m".repeat(70_000), amount: 1 }),
        413,
        "too_large",
      ],
    ])("%s", async (_, headers, body, status, code) => {
      const response = await post(`${services.paymentUrl}/charges`, headers, body);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code } });
      expect(await payment.transfers("bad")).toEqual([]);
    });

    it("a path that there is not, naming those there are", async () => {
      const response = await post(`${services.paymentUrl}/nowhere`, good, "{}");
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error: { message: expect.stringContaining("POST /charges") },
      });
    });
  });
});
