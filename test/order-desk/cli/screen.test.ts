import { describe, expect, test, vi } from "vitest";
import { paintFor } from "#graphs/order-desk/cli/paint.ts";
import { openScreen } from "#graphs/order-desk/cli/screen.ts";

function recorder(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 80, write: (text: string) => written.push(text), written };
}

test("a pipe gets plain lines and no status", () => {
  vi.useFakeTimers();
  const output = recorder(false);
  const screen = openScreen(output, {});
  screen.status("working");
  vi.advanceTimersByTime(10_000);
  screen.line("one");
  screen.close();
  expect(output.written).toEqual(["one\n"]);
  vi.useRealTimers();
});

test("a terminal's status line is gone before the next line, and after the end", () => {
  vi.useFakeTimers();
  const output = recorder(true);
  const screen = openScreen(output, { NO_COLOR: "1" });
  screen.status("working");
  vi.advanceTimersByTime(130);
  screen.line("one");
  screen.close();
  vi.advanceTimersByTime(10_000);
  const clear = "\r\u001b[2K";
  expect(output.written[0]).toMatch(/working 0\.1 s$/);
  expect(output.written.slice(1)).toEqual([clear, "one\n", clear]);
  vi.useRealTimers();
});

test("lines wait while a person is being asked, also when the prompt throws", async () => {
  const output = recorder(true);
  const screen = openScreen(output, { NO_COLOR: "1" });
  const asked = screen.alone(async () => {
    screen.line("meanwhile");
    expect(output.written).toEqual([]);
    throw new Error("prompt broke");
  });
  await expect(asked).rejects.toThrow("prompt broke");
  screen.close();
  expect(output.written).toEqual(["meanwhile\n"]);
});

describe("colours", () => {
  const colourful = (isTTY: boolean, env: NodeJS.ProcessEnv) => paintFor({ isTTY }, env).isColorSupported;

  test("are for terminals, and not for CI's logs", () => {
    expect(colourful(true, {})).toBe(true);
    expect(colourful(false, { CI: "true" })).toBe(false);
    expect(colourful(true, { TERM: "dumb" })).toBe(false);
  });

  test("obey NO_COLOR and FORCE_COLOR", () => {
    expect(colourful(true, { NO_COLOR: "1" })).toBe(false);
    expect(colourful(false, { FORCE_COLOR: "1" })).toBe(true);
    expect(colourful(true, { FORCE_COLOR: "0" })).toBe(false);
    expect(colourful(true, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe(false);
  });
});
