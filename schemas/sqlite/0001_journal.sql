-- The journals of all ledgers. What is a static column in Cassandra is the table ledger_head
-- here: one row a ledger, moved by conditional updates only.
CREATE TABLE ledger_head (
    ledger_id         TEXT    NOT NULL PRIMARY KEY,
    head              INTEGER NOT NULL DEFAULT 0,   -- version of the newest entry
    epoch             INTEGER NOT NULL,             -- raised by each taking over
    owner             TEXT    NOT NULL,             -- id of a process start; '' when given up
    lease             INTEGER NOT NULL DEFAULT 0,   -- moved by each commit and renewal
    relayed           INTEGER NOT NULL DEFAULT 0,   -- newest entry that is written to the tables
    trimmed           INTEGER NOT NULL DEFAULT 0,   -- entries up to here are gone or to be ignored
    snapshot_version  INTEGER NOT NULL DEFAULT 0,   -- 0: no snapshot
    snapshot_epoch    INTEGER NOT NULL DEFAULT 0,
    snapshot_chunks   INTEGER NOT NULL DEFAULT 0,
    snapshot_checksum INTEGER NOT NULL DEFAULT 0    -- CRC-32C
) STRICT, WITHOUT ROWID;

-- One row an entry. With a rowid, so that bodies are appended at the end of the file's tree
-- whichever ledger they belong to.
CREATE TABLE ledger (
    ledger_id TEXT    NOT NULL,
    version   INTEGER NOT NULL,   -- from 1
    commit_id TEXT    NOT NULL,   -- UUID
    body      BLOB    NOT NULL,
    PRIMARY KEY (ledger_id, version)
) STRICT;

-- Snapshots of ledgers in chunks, written before ledger_head.snapshot_* points to them.
CREATE TABLE ledger_snapshot (
    ledger_id TEXT    NOT NULL,
    version   INTEGER NOT NULL,   -- of the last entry that is in it
    epoch     INTEGER NOT NULL,   -- of the owner that wrote it
    chunk     INTEGER NOT NULL,   -- from 0
    body      BLOB    NOT NULL,
    PRIMARY KEY (ledger_id, version, epoch, chunk)
) STRICT;
