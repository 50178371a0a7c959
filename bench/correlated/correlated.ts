/** Where voting stops helping: the same vote with errors that samples have in common, and what an eye outside recovers. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { dpmo, residualError } from "#src/consensus/index.ts";
import type { Section } from "../section.ts";
import { correlatedChart } from "./chart.ts";
import { type CorrelatedRow, ks, p, type Remedy, rate, remedies, shares } from "./settings.ts";
import { assumed, simulated } from "./simulation.ts";

const steps = 1_000_000;
const seed = 1;

export const correlated: Section<readonly CorrelatedRow[]> = {
  name: "correlated",
  heading: "Votes on errors that samples have in common",

  async measure(say) {
    const rows: CorrelatedRow[] = [];
    for (const correlated of shares) {
      for (const remedy of Object.keys(remedies) as Remedy[]) {
        for (const k of ks) {
          const generator = xoroshiro128plus(seed + rows.length);
          const random = () => uniformFloat64(generator);
          const tally = simulated({ ...remedies[remedy], k, p, correlated }, steps, random);
          rows.push({ correlated, remedy, k, ...tally });
        }
      }
      say(`${100 * correlated} % of the errors in common: done`);
    }
    return rows;
  },

  render: (
    rows,
  ) => `**Simulated**: ${steps.toExponential(0)} steps a row (seeds from ${seed}), decided by the kit's \`aheadBy(k)\`. A sample errs at
rate p = ${p}; of that, a share comes from traps, steps on which all samples of a model give the same wrong answer. Wrong
answers are all alike. Assumed, not measured: red flags show on ${100 * assumed.flaggedWrong} % of wrong answers (of a trap's on all, or none) and on
${100 * assumed.flaggedRight} % of right ones; two models have traps independent of each other and vote in turn; the inspector finds ${100 * assumed.inspectorFinds} %
of wrong decisions and objects to ${100 * assumed.inspectorObjects} % of right ones. DPMO: wrong decisions in a million that nobody hears of. Routed: not
decided, or refused, and so a fault that the graph sends somewhere.

| errors in common | k = 3 with | wrong, DPMO | formula for independent errors | routed, % | samples a step |
| --- | --- | --- | --- | --- | --- |
${rows
  .filter(({ k }) => k === 3)
  .map(rendered)
  .join("\n")}

![Wrong decisions by k, for shares of errors in common, and with each remedy](figures/correlated.svg)

${whenNot(rows)}`,

  charts: (rows, measuredOn) => ({ "correlated.svg": correlatedChart(rows, measuredOn) }),
};

function rendered(row: CorrelatedRow): string {
  return `| ${[
    `${100 * row.correlated} %`,
    row.remedy,
    rate(row).toFixed(0),
    row.remedy === "vote alone" ? dpmo(residualError(row.k, p)).toFixed(0) : "",
    ((100 * row.routed) / row.steps).toFixed(2),
    (row.drawn / row.steps).toFixed(2),
  ].join(" | ")} |`;
}

function whenNot(rows: readonly CorrelatedRow[]): string {
  const of = (share: number, k: number, remedy: Remedy = "vote alone") => {
    const row = rows.find((row) => row.correlated === share && row.k === k && row.remedy === remedy);
    return row === undefined ? Number.NaN : rate(row);
  };
  const words = (dpmo: number) => dpmo.toFixed(0);
  return `**When not to vote.** A vote multiplies away what samples get wrong by chance and keeps what they get wrong together: with
${100 * shares[1]} % of the errors in common, k = 5 leaves ${words(of(0.1, 5))} DPMO, and with ${100 * shares[2]} % ${words(of(0.5, 5))}, near the ${words(dpmo(p * shares[1]))} and ${words(dpmo(p * shares[2]))} that no k goes
below (p times the share), where independent errors would leave ${words(of(0, 5))}. So do not vote where a question has a trap in it: an
ambiguous request, a fact that is wrong in the prompt, a rule that the model never learnt. There each further sample costs
a call and buys agreement, not truth; measure it first: ask questions whose answers you know a few times each, and look at how
often the samples of one are wrong alike. Traps are rare: to see three takes some 3 / (p × share) questions, here ${Math.ceil(3 / (p * shares[1]))} at
${100 * shares[1]} % and ${Math.ceil(3 / (p * shares[2]))} at ${100 * shares[2]} %. Do not vote either where one sample is right less than half of the time, where
code can check the answer, or where answers have no canonical form. What helps against a trap is another eye: with half of
the errors in common and k = 3, ${words(of(0.5, 3))} DPMO become ${words(of(0.5, 3, "red flags"))} with red flags, ${words(of(0.5, 3, "a second model"))} with a second model, ${words(of(0.5, 3, "inspector"))} with an inspector and
${words(of(0.5, 3, "all three"))} with all three; what they find is not mended but routed, the table's last column but one.`;
}
