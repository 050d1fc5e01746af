-- What is set once for a deployment.
CREATE TABLE warehouse (
    warehouse_id TEXT    NOT NULL PRIMARY KEY,
    region       TEXT    NOT NULL,
    rank         INTEGER NOT NULL,   -- lower is preferred
    ledgers      INTEGER NOT NULL    -- stock ledgers that its SKUs are divided among
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
