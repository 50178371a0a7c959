/** The numbers under which channels' values stand; forks of whole graphs are in test/conformance. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FaultlineSaver } from "#checkpoints/saver.ts";

describe("a channel version", () => {
  const saver = new FaultlineSaver(Object.create(null));

  test("rises, whatever it rises from, up to two million supersteps", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 21, noNaN: true }), (current) => {
        const next = saver.getNextVersion(current);
        expect(Math.floor(next)).toBe(Math.floor(current) + 1);
        expect(next).toBeGreaterThan(current);
      }),
    );
  });

  test("differs each time it is drawn from the same number", () => {
    const versions = Array.from({ length: 1_000 }, () => saver.getNextVersion(2 ** 20));
    expect(new Set(versions).size).toBe(versions.length);
  });

  test("survives the trip through JSON and Postgres's numeric text", () => {
    for (let current = 0; current < 1_000; current++) {
      const version = saver.getNextVersion(current);
      expect(version.toString()).toBe(JSON.stringify(version));
      expect(version.toString()).not.toContain("e");
    }
  });
});
