/** What `--help` says. */
export const help = `Towers of Hanoi, one move a superstep, each move decided by a vote and checkpointed.

  npm run hanoi -- --disks 20 --p 0.0022 --k 3

Run again with the same --thread it goes on where it stopped, also after kill -9. Without --live the answers are those of
a SIMULATED mover, which is no model: it knows the right move, and errs by chance as it is told.

  --disks N            1 to 30; default 10. N disks take 2^N - 1 moves
  --k N                a move is decided when it is N votes ahead of every other; default 3
  --p SHARE            error rate of one answer; default 0.0022
  --correlated SHARE   share of the errors that all answers of a step have in common; default 0
  --malformed SHARE    share of the answers that are too long or malformed, which red flags discard; default 0
  --seed N             which errors, and where; default 1
  --live               ask a real model: OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL. Every move costs its tokens
  --thread NAME        default hanoi-N, N the number of disks
  --schema NAME        the database schema; default faultline
  --keep N             checkpoints that stay while the tower is built; default 50
  --every SECONDS      between progress lines, where there is no terminal; default 10

The database is DATABASE_URL, or else the embedded one in .data/pg.

Exit code
  0    solved, and every move was right
  1    stopped before its end, or a wrong move was decided
  2    it never began: a wrong flag, no key for --live, a thread that another process runs, or no database
`;
