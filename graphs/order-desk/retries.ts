/** How often and how long the desk's nodes try again; every table of the desk takes it. */
export const retries = { attempts: 8, baseMs: 100, capMs: 5_000 } as const;
