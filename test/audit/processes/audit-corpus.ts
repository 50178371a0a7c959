/** Audits the corpus outside the test runner, which compiles sources in its own way, and prints what was found. */
import { corpus, openFindings } from "../corpus.ts";

// No await: a copy of this is compiled to CommonJS too.
void corpus().then((pairs) => {
  const found = pairs.map(({ fails, trapped, mended }) => ({
    fails,
    trapped: openFindings(trapped([])),
    mended: openFindings(mended([])),
  }));
  process.stdout.write(JSON.stringify(found));
});
