/** What `--help` says. */
export const help = `Faultline order desk: works through customers' tickets while everything around it fails.

  npm start                              the project's own tickets, with the trouble that each brings
  npm start -- [flags]                   tickets of your choice
  npm start -- resume THREAD [--answer TEXT]
                                         answer what a ticket asks, or go on with one that was stopped
                                         or met a bug; in any process, days later
  npm start -- history THREAD            every step of a ticket, from its checkpoints

Flags
  --shop DIR           a folder with orders.json, products.json, users.json; needs --tickets
  --tickets FILE       a JSON list: [{ "id": "1", "instruction": "what the customer writes" }, …]
  --model rules        the stand-in: an HTTP server on loopback that answers by rules and is no model
  --model live         the model that OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL name
  --model scripted:FILE
                       the stand-in plans the "actions" that FILE, a list of tickets, says for each
                       (default: live with a key, rules without)
  --answers yes        yes to every approval; other questions leave their ticket asked
  --answers FILE       { "ticket id or thread": "answer" or ["first", "second"], "default": "answer" },
                       or a file of tickets that bring their own "answers"
                       (default: you are asked; without a terminal a question leaves its ticket asked)
  --faults model=0.1,tool=0.1,payment=0.05,mail=0.1
                       share of calls that fail, 0 to 1 each; default 0
  --seed N             of those faults; default 1
  --concurrency N      tickets at a time; default 1
  --report FILE        JSON: for each ticket id, outcome, changed, faults, effects
  --thread ID          the thread of a single ticket, or what several threads' names begin with
  --schema NAME        the database schema; default faultline, and one of its own for each other shop
  --help               this

resume takes --answer and also --shop, --schema, --model, --faults, --seed; history --shop, --schema.

Environment
  DATABASE_URL         a Postgres, 13 or later; without it PGlite in .data/pg
  FAULTLINE_ENCRYPTION_KEY
                       seals what is stored; from openssl rand -base64 32
  OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL
  NO_COLOR             plain lines

Ctrl-C stops every ticket after its current step and says how to go on; a second one ends at once.

Exit code
  0    every ticket ended resolved, asked, compensated or failed, as shown
  1    the proof failed (an effect doubled, lost or unclaimed, or money not balanced), or the desk broke
  2    it never began: a wrong flag or file, a database that cannot be opened
  130  stopped by Ctrl-C

Examples
  npm start -- --answers yes --faults model=0.2,tool=0.2,payment=0.1 --seed 7
  npm start -- --shop DIR --tickets tasks.json --model rules --answers yes --concurrency 8 --report out.json
  npm start -- resume t3k8f2-which-one --answer "The rear one."
`;
