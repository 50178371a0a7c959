import pc from "picocolors";
import { describe, expect, test } from "vitest";
import { compactLine, entryLine } from "#graphs/order-desk/cli/entry-line.ts";
import { plain } from "#graphs/order-desk/cli/paint.ts";
import { createNarrator } from "#graphs/order-desk/cli/timeline.ts";
import type { DeskEvent } from "#graphs/order-desk/desk.ts";
import type { FaultlineEvent } from "#src/events/index.ts";

const fault = (event: FaultlineEvent): DeskEvent => ({ kind: "fault", path: [], event });
const done = (node: string, update: Record<string, unknown> = {}): DeskEvent => ({
  kind: "node",
  path: [],
  node,
  update,
});

/** The lines of a run without times, as a person reads them. */
function lines(...events: DeskEvent[]): string[] {
  const narrate = createNarrator();
  return events
    .flatMap(narrate)
    .map((entry) => compactLine("t", entry, { paint: plain, width: 200 }).slice(4));
}

const failed = (
  node: string,
  category: "transient" | "llm-recoverable" | "user-fixable" | "unexpected",
  code: string,
) => fault({ type: "attempt_failed", node, attempt: 1, category, code, message: "it broke" });
const routed = (
  node: string,
  category: "llm-recoverable" | "user-fixable" | "compensable",
  to: string,
  why: string,
) => fault({ type: "routed", node, category, code: "code", to, why, round: 1 });

describe("who mended it", () => {
  test("the system, by waiting and trying again", () => {
    const retried = [
      {
        id: "1",
        node: "intake",
        category: "transient",
        code: "http_429",
        message: "",
        attempts: 1,
        route: "retried",
      },
    ];
    expect(
      lines(
        failed("intake", "transient", "http_429"),
        fault({ type: "waiting", node: "intake", attempt: 2, ms: 1002, reason: "retry_after" }),
        done("intake", { customerId: "c1", requests: ["Cancel it."], faults: retried }),
      ),
    ).toEqual([
      "intake ✗ transient http_429: it broke",
      "intake … the system waits 1002 ms, as the other side asked, then attempt 2",
      "intake ✓ c1 asks: Cancel it.  mended by the system",
    ]);
  });

  test("the model, once the node that refused lets it pass", () => {
    expect(
      lines(
        failed("gates", "llm-recoverable", "refused_by_shop"),
        routed("gates", "llm-recoverable", "planner", "the model can mend it"),
        done("planner", { draft: { actions: [], declined: [{}] } }),
        done("gates", { estimates: [] }),
      ),
    ).toEqual([
      "gates ✗ llm-recoverable refused_by_shop: it broke",
      "gates → to planner: the model can mend it",
      "planner ✓ plans no action, declines 1",
      "gates ✓ nothing to check  mended by the model",
    ]);
  });

  test("a person, whose question is told once and not also as the fault's message", () => {
    expect(
      lines(
        failed("intake", "user-fixable", "identity_missing"),
        routed("intake", "user-fixable", "ask_customer", "a person can mend it"),
        fault({ type: "human_asked", node: "ask_customer", question: "Who are you?" }),
        fault({ type: "human_answered", node: "ask_customer", answer: "Ann" }),
        done("ask_customer"),
        done("intake", { customerId: "ann", requests: [] }),
      ),
    ).toEqual([
      "intake ✗ user-fixable identity_missing",
      "intake → to ask_customer: a person can mend it",
      "ask_customer ? Who are you?",
      "ask_customer » a person says: Ann",
      "intake ✓ ann asks:  mended by a person",
    ]);
  });

  test("compensation, only when the last step is taken back", () => {
    expect(
      lines(
        routed("act", "compensable", "compensate", "retries spent"),
        fault({ type: "step_undone", node: "compensate", step: "2 charge" }),
        done("compensate"),
        fault({ type: "step_undone", node: "compensate", step: "1 cancel" }),
        done("compensate"),
        done("compensate", { stuck: [] }),
      ),
    ).toEqual([
      "act → to compensate: retries spent",
      "compensate ↶ taken back: 2 charge",
      "compensate ↶ taken back: 1 cancel",
      "compensate ✓ all is taken back  mended by compensation",
    ]);
  });

  test("nobody yet: a bug goes to a developer", () => {
    const bug = { node: "gates", category: "unexpected", code: "bug", message: "it broke" } as const;
    expect(lines(failed("gates", "unexpected", "bug"), fault({ type: "bubbled_up", ...bug }))).toEqual([
      "gates ✗ unexpected bug: it broke",
      "gates ✗ goes to a developer: bug",
    ]);
  });
});

test("the same failure again is told in a word, another one in full", () => {
  const again = () => failed("send", "transient", "http_503");
  expect(
    lines(again(), again(), done("send", { mailed: true }), again()).map((line) => line.slice(5)),
  ).toEqual([
    "✗ transient http_503: it broke",
    "✗ transient http_503 again",
    "✓ mailed",
    "✗ transient http_503: it broke",
  ]);
});

test("a breaker that opens, and one that closes, are told where it came to that", () => {
  const breaker = "the mail service";
  expect(
    lines(
      fault({ type: "breaker_opened", node: "send", breaker, retryAfterMs: 10_000 }),
      fault({ type: "breaker_half_open", node: "send", breaker }),
      fault({ type: "breaker_closed", node: "send", breaker }),
    ),
  ).toEqual([
    "send → opens the breaker of the mail service",
    "send ✓ closes the breaker of the mail service",
  ]);
});

test("an undo that cannot succeed says what still stands", () => {
  expect(
    lines(fault({ type: "step_stuck", node: "compensate", step: "1 charge", message: "refused" })),
  ).toEqual(["compensate ! still stands: 1 charge: refused"]);
});

test("the hub and unknown nodes are silent, also when their update clears the fault channel", () => {
  expect(lines(done("desk", { faults: { value: [] } }), done("somebody_elses_node", { a: 1 }))).toEqual([]);
});

describe("a line", () => {
  const entry = {
    node: "planner",
    mark: "failed",
    text: `x\u001b[2J\n${"y".repeat(300)}`,
    category: "transient",
    routine: false,
  } as const;

  test("never is wider than the terminal", () => {
    expect(entryLine(entry, { paint: plain, width: 80, ms: 1234 }).length).toBeLessThanOrEqual(80);
    expect(compactLine("ticket", entry, { paint: plain, width: 80 }).length).toBeLessThanOrEqual(80);
  });

  test("does not pass a model's control codes on to the terminal", () => {
    expect(entryLine(entry, { paint: plain, width: 400, ms: 0 })).not.toMatch(/\p{Cc}/u);
  });

  test("wears its category's colour, where colours are wanted", () => {
    const coloured = entryLine(entry, { paint: pc.createColors(true), width: 80, ms: 0 });
    expect(coloured).toContain("\u001b[33m✗");
  });
});
