/** Audits the corpus outside the test runner, which compiles sources in its own way, and prints what was found. */
import { corpus, openFindings } from "../corpus.ts";

const found = (await corpus()).map(({ fails, trapped, mended }) => ({
  fails,
  trapped: openFindings(trapped([])),
  mended: openFindings(mended([])),
}));
process.stdout.write(JSON.stringify(found));
