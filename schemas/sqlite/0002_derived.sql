-- What the relays derive from the journals. A row gives way to one of a later time only, so
-- that writing a row again, or late, never puts back something older. Times are UTC as
-- 2026-11-26T23:59:59.007Z, which sorts and which SQLite's date functions read; UUIDs are text.

-- One row per change of stock, kept for ever.
CREATE TABLE events (
    event_id     TEXT    NOT NULL,
    sku          TEXT    NOT NULL,
    warehouse_id TEXT    NOT NULL,
    event_type   TEXT    NOT NULL,
    quantity     INTEGER NOT NULL,
    source       TEXT    NOT NULL,
    occurred_at  TEXT    NOT NULL,
    metadata     TEXT    NOT NULL,
    PRIMARY KEY (sku, warehouse_id, occurred_at DESC, event_id)
) STRICT;

-- One row per SKU, warehouse and ISO week, as it stands; quantities are units.
CREATE TABLE stock_level (
    sku          TEXT    NOT NULL,
    warehouse_id TEXT    NOT NULL,
    iso_week     TEXT    NOT NULL,   -- 2026-W48
    opening      INTEGER NOT NULL,
    received     INTEGER NOT NULL,
    adjusted     INTEGER NOT NULL,
    picked       INTEGER NOT NULL,
    on_hand      INTEGER NOT NULL,
    held         INTEGER NOT NULL,
    version      INTEGER NOT NULL,   -- of the ledger's entry
    updated_at   TEXT    NOT NULL,
    PRIMARY KEY (sku, warehouse_id, iso_week DESC)
) STRICT, WITHOUT ROWID;

-- One row per order, whole, each time it is written.
CREATE TABLE reservation (
    reservation_id TEXT    NOT NULL PRIMARY KEY,
    order_id       TEXT    NOT NULL,
    status         TEXT    NOT NULL,
    items          TEXT    NOT NULL,   -- JSON, for people
    expires_at     TEXT,               -- none where nothing was held
    version        INTEGER NOT NULL,   -- of the ledger's entry
    updated_at     TEXT    NOT NULL,
    body           BLOB    NOT NULL,   -- the record whole, for the ledger
    kept_until     TEXT    NOT NULL    -- ignored from then on, and deleted some time later
) STRICT;

-- What each Idempotency-Key of an adjustment did.
CREATE TABLE adjustment (
    adjustment_id TEXT NOT NULL PRIMARY KEY,   -- of ledger, actor and key
    ledger_id     TEXT NOT NULL,
    actor         TEXT NOT NULL,
    key           TEXT NOT NULL,
    at            TEXT NOT NULL,
    body          BLOB NOT NULL,   -- the record whole, for the ledger
    kept_until    TEXT NOT NULL    -- ignored from then on, and deleted some time later
) STRICT;
