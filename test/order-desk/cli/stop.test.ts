import { expect, test } from "vitest";
import { createStop } from "#graphs/order-desk/cli/stop.ts";

test("a request drains what runs, and what begins later", async () => {
  const stop = createStop(() => 0);
  await stop.drainable(async (control) => {
    expect(control.drainRequested).toBe(false);
    stop.request();
    expect(control.drainRequested).toBe(true);
  });
  await stop.drainable(async (control) => expect(control.drainRequested).toBe(true));
});

test("one key press that arrives twice does not end the process", () => {
  let now = 0;
  const stop = createStop(() => now);
  expect(stop.signalled()).toBe("first");
  now = 5;
  expect(stop.signalled()).toBe("echo");
  now = 2_000;
  expect(stop.signalled()).toBe("again");
});
