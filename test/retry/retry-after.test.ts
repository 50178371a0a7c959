import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRetryAfter } from "#src/retry/index.ts";

const now = Date.UTC(2026, 10, 24, 12, 0, 0);

test.each<[string | null | undefined, number | undefined]>([
  ["0", 0],
  ["1", 1_000],
  ["120", 120_000],
  [" 120 ", 120_000],
  ["0.5", 500],
  ["9".repeat(400), Number.MAX_SAFE_INTEGER],
  ["Tue, 24 Nov 2026 12:00:30 GMT", 30_000],
  ["Tuesday, 24-Nov-26 12:00:30 GMT", 30_000],
  ["Tue Nov 24 12:00:30 2026", 30_000],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
  [null, undefined],
  [undefined, undefined],
  ["", undefined],
  ["-1", undefined],
  ["soon", undefined],
  ["5 minutes", undefined],
  ["1e3", undefined],
  ["2027", 2_027_000],
  ["2027-01-01", undefined],
  ["Foo, 99 Bar 2026 12:00:30 GMT", undefined],
])("P11: Retry-After %j is %j ms", (header, ms) => {
  expect(parseRetryAfter(header, now)).toBe(ms);
});

test("P11: an HTTP date is obeyed to the second, in any time zone of this machine", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 * 365 * 86_400 }), (seconds) => {
      const header = new Date(now + seconds * 1_000).toUTCString();
      expect(parseRetryAfter(header, now)).toBe(seconds * 1_000);
    }),
  );
});

test("whatever a server sends, the result is a wait that can be waited", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+ 0-9.eA-Z,:]+$/)), (header) => {
      const ms = parseRetryAfter(header, now);
      if (ms !== undefined) expect(ms >= 0 && Number.isFinite(ms)).toBe(true);
    }),
  );
});
