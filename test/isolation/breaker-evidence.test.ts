import { Command, GraphDrained, GraphInterrupt, ParentCommand } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { made, openMs, pass } from "./breaker-made.ts";
import { pending, streamed, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what counts as a failure", () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  const status = (status: number, headers: Record<string, string> = {}) =>
    Object.assign(new Error(String(status)), { status, headers });

  test.each([
    ["a refused connection", coded("ECONNREFUSED")],
    ["a connection reset", coded("ECONNRESET")],
    ["a 500", status(500)],
    ["a 503 that says when to come back", status(503, { "retry-after": "5" })],
    ["a 408", status(408)],
    ["a timeout", new DOMException("late", "TimeoutError")],
    ["a fault of one's own", new Fault("transient", "service_timeout", "no answer")],
  ])("%s does", async (_, thrown) => {
    const { endpoint, fail } = made(1);
    expect(await fail(thrown)).toBe(thrown);
    expect(endpoint.state).toBe("open");
  });

  test.each([
    ["a 429", status(429)],
    ["a 429 that says when to come back", status(429, { "retry-after": "5" })],
    ["a 400", status(400)],
    ["a malformed answer", new Fault("llm-recoverable", "malformed_answer", "no JSON")],
    ["JSON that does not parse", new SyntaxError("Unexpected token")],
    ["a payment declined", new Fault("compensable", "payment_declined", "declined")],
    ["a bug", new TypeError("x is not a function")],
    ["a deadlock", coded("40P01")],
  ])("%s does not, and shows that the service is there", async (_, thrown) => {
    const { endpoint, fail, failTimes } = made(2);
    await failTimes(1);
    expect(await fail(thrown)).toBe(thrown);
    await failTimes(1);
    expect(endpoint.state).toBe("closed");
    await failTimes(1);
    expect(endpoint.state).toBe("open");
  });

  test.each([
    ["an interrupt", new GraphInterrupt([])],
    ["a Command to the parent", new ParentCommand(new Command({ graph: Command.PARENT }))],
    ["a drain", new GraphDrained("stopped")],
    ["an abort that nobody asked this run for", new DOMException("aborted", "AbortError")],
    ["a full bulkhead inside", new Fault("transient", "bulkhead_full", "full")],
    ["a spent budget", new Fault("compensable", "budget_spent", "spent")],
  ])("%s is neither failure nor success", async (_, thrown) => {
    const { endpoint, fail, failTimes } = made(2);
    await failTimes(1);
    expect(await fail(thrown)).toBe(thrown);
    expect(endpoint.state).toBe("closed");
    await failTimes(1);
    expect(endpoint.state).toBe("open");
  });

  test("a stopped run is neither, whatever its call then throws", async () => {
    const { endpoint, failTimes } = made(2);
    await failTimes(1);
    const stop = new AbortController();
    const call = pending();
    const run = watch(endpoint.run(streamed(stop.signal).runtime, call.call));
    await pass(0);
    stop.abort(new Error("stopped"));
    call.fail(stop.signal.reason);
    await pass(0);
    expect(run.error).toBe(stop.signal.reason);
    expect(endpoint.state).toBe("closed");
    await failTimes(1);
    expect(endpoint.state).toBe("open");
  });

  test("a run that is stopped already makes no call, and takes no probe", async () => {
    const { endpoint, failTimes, succeed } = made();
    await failTimes(3);
    const call = pending();
    const stopped = () => endpoint.run(streamed(AbortSignal.abort("stopped")).runtime, call.call);
    await expect(stopped()).rejects.toBe("stopped");
    await pass(openMs);
    await expect(stopped()).rejects.toBe("stopped");
    expect(call.begun()).toBe(0);
    expect(await succeed()).toBe("answer");
  });
});
