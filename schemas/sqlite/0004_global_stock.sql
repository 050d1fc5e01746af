-- Stock by SKU and region, from the global aggregation. Quantities are units.
CREATE TABLE global_stock (
    sku       TEXT    NOT NULL,
    region    TEXT    NOT NULL,
    on_hand   INTEGER NOT NULL,
    held      INTEGER NOT NULL,
    available INTEGER NOT NULL,
    version   INTEGER NOT NULL,   -- of the aggregate: a later one has a larger number
    as_of     TEXT    NOT NULL,   -- of the newest change that is in it
    PRIMARY KEY (sku, region)
) STRICT, WITHOUT ROWID;
