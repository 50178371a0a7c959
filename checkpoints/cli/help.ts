/** What `--help` says. */
export const help = `Housekeeping of the checkpoints in DATABASE_URL, or in the embedded database in .data/pg.

  npm run checkpoints -- prune [--keep N] [--older-than AGE] [--thread ID] [--schema NAME] [--dry-run]
  npm run checkpoints -- reseal [--schema NAME]
  npm run checkpoints -- to-stock [--thread ID] [--schema NAME]

prune takes away old checkpoints, and the values and writes that nothing else needs. A thread that a process runs, and
whatever an open question, a fork or a kept checkpoint needs, stays.
  --keep N             the last N checkpoints of each branch stay; older ones go
  --older-than AGE     threads without a checkpoint since then go altogether; AGE is 30d, 12h or 90m
  --dry-run            says what would go, and takes nothing

reseal seals anew, with the first key of FAULTLINE_ENCRYPTION_KEY, what an older key sealed, or none. When it leaves
nothing behind, the older keys can go.

to-stock rewrites what LangGraph's own PostgresSaver cannot read, and opens what is sealed, also in the ledger unless
--thread names one thread. Lists then take much more room: prune first.

  --thread ID          this thread alone; default all
  --schema NAME        the database schema; default faultline

Exit code
  0    done
  1    a thread was left alone: another process runs it, it is damaged, or the database refused; or the database went away
  2    it never began: a wrong flag, or a database that cannot be opened
`;
