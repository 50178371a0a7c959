import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { categories, classify, Fault, faultRecord, isFault } from "#src/faults/index.ts";

const category = fc.constantFrom(...categories);
const code = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);

describe("a Fault", () => {
  test("passes through classify as the same object", () => {
    const fault = new Fault("compensable", "payment_declined", "declined", { cause: new Error("402") });
    expect(classify(fault)).toBe(fault);
  });

  test("is known by its brand across copies of the module, and a look-alike is none", () => {
    const copy = Object.assign(new Error("no"), {
      category: "transient",
      code: "x",
      [Symbol.for("faultline.fault")]: true,
    });
    expect(isFault(copy)).toBe(true);
    expect(isFault(Object.assign(new Error("no"), { category: "transient", code: "x" }))).toBe(false);
    expect(isFault(null)).toBe(false);
  });

  test("B12: can be written on, as LangGraph does with every error it meets", () => {
    expect(Object.isExtensible(new Fault("transient", "x", "x"))).toBe(true);
    expect(Object.isExtensible(classify(Object.freeze(new Error("frozen"))))).toBe(true);
    const frozen = Object.freeze(
      new Fault("transient", "http_503", "down", { retryAfterMs: 5, details: { a: 1 } }),
    );
    const copy = classify(frozen);
    expect(Object.isExtensible(copy)).toBe(true);
    expect(copy).toMatchObject({
      category: "transient",
      code: "http_503",
      message: "down",
      retryAfterMs: 5,
      details: { a: 1 },
      cause: frozen,
    });
  });

  test("B8: keeps category, code and message when only name and message are left of it", () => {
    fc.assert(
      fc.property(category, code, fc.string(), (category, code, message) => {
        const { name, message: kept } = new Fault(category, code, message, {
          details: { a: 1 },
          retryAfterMs: 5,
        });
        const rebuilt = Object.assign(new Error(kept), { name });
        for (const left of [rebuilt, { name, message: kept }]) {
          const fault = classify(left);
          expect([fault.category, fault.code]).toEqual([category, code]);
          expect(fault.details).toBeUndefined();
        }
        expect(classify(rebuilt).name).toBe(name);
        if (message !== "") expect(classify(rebuilt).message).toBe(message);
      }),
    );
  });

  test("a name with a category that does not exist is no fault's", () => {
    expect(classify(Object.assign(new Error("x"), { name: "Fault:fatal:x" })).category).toBe("unexpected");
  });
});

describe("a fault's record in state", () => {
  const at = { id: "t:1", node: "charge", attempts: 2 };

  test("is plain JSON", () => {
    const fault = new Fault("transient", "http_503", "down", {
      cause: new Error("x"),
      details: { a: [1, null] },
    });
    const record = faultRecord(fault, at);
    expect(record).toEqual({
      ...at,
      category: "transient",
      code: "http_503",
      message: "down",
      details: { a: [1, null] },
    });
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  });

  test("does not carry a gateway's whole HTML page into every checkpoint", () => {
    const { message } = faultRecord(new Fault("transient", "http_502", "x".repeat(100_000)), at);
    expect(message).toHaveLength(2_000);
    expect(message.endsWith("…")).toBe(true);
  });
});
