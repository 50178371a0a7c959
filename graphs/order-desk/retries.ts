/** How often, how long and how patiently the desk's nodes try; every table of the desk takes it. */
export const retries = {
  attempts: 8,
  baseMs: 100,
  capMs: 5_000,
  // Above what the model client and the services allow one call, so that theirs, which say more, come first.
  timeoutMs: 90_000,
} as const;
