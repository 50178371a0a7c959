export { clusters } from "./clusters.ts";
export { contradicted, type Expected, type Suspicion, trusted } from "./false-consensus.ts";
export {
  challenger,
  type Gate,
  inspector,
  type Judgement,
  judgementSchema,
  refusal,
} from "./premise-gate.ts";
export {
  ofForm,
  type Raised,
  type RedFlag,
  raised,
  redFlag,
  repeated,
  tooLong,
  unflagged,
  unfounded,
  wrongFormat,
} from "./red-flags.ts";
export {
  binomialAtMost,
  dpmo,
  expectedCost,
  expectedVotes,
  kMin,
  majorityError,
  residualError,
  seriesReliability,
} from "./reliability.ts";
export { aheadBy, majorityOf, type Rule, type Standing, type Tally } from "./rules.ts";
export { type Ballot, type Outcome, unrecorded, vote } from "./vote.ts";
