-- The processes, one row a start, as they tell of themselves: only a hint. What a process owns
-- is in ledger_head. They are all of one region.
CREATE TABLE member (
    id         TEXT    NOT NULL PRIMARY KEY,   -- of a process start: ledger_head.owner of what it owns
    name       TEXT    NOT NULL,               -- of its place: the same after a restart
    addr       TEXT    NOT NULL,               -- where other members reach it (host:port); '': they can't
    version    TEXT    NOT NULL,               -- of the program
    beat       INTEGER NOT NULL,               -- grows while it lives
    willing    INTEGER NOT NULL,               -- 1: it takes ledgers
    kept_until TEXT    NOT NULL                -- ignored from then on, and deleted some time later
) STRICT, WITHOUT ROWID;
