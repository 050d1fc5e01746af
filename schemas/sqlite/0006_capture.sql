-- Which partitions of events have what is still to be published, batch by batch. Rows are
-- removed once all is published.
CREATE TABLE outbox (
    ledger_id TEXT    NOT NULL,
    last      INTEGER NOT NULL,   -- version of the newest entry of the batch that has an event
    first     INTEGER NOT NULL,   -- version of the first entry of the batch
    since     TEXT    NOT NULL,   -- of the entries
    until     TEXT    NOT NULL,
    parts     TEXT    NOT NULL,   -- JSON
    PRIMARY KEY (ledger_id, last, first)
) STRICT, WITHOUT ROWID;

-- In Cassandra a static column of outbox.
CREATE TABLE outbox_published (
    ledger_id TEXT    NOT NULL PRIMARY KEY,
    published INTEGER NOT NULL   -- version up to which all is published
) STRICT, WITHOUT ROWID;
