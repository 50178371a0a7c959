/** Reads HTTP's Retry-After (RFC 9110, section 10.2.3). */

/** The three forms of an HTTP date (RFC 9110, section 5.6.7). The third names no zone and means GMT. */
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * @param header - Seconds ("120"; a fraction is let pass, some servers send one), or an HTTP date.
 * @param nowMs - The present, in ms since 1970, for dates.
 * @returns ms to wait from now; 0 for a date that has passed; undefined for no header or one that says nothing.
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  const value = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Number(value) * 1_000, Number.MAX_SAFE_INTEGER);
  // Date.parse alone takes "5 minutes", "-1" and much else for a date.
  if (!httpDates.some((form) => form.test(value))) return undefined;
  const at = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
