-- Stock by SKU and region: the newest level of each warehouse by its version, summed, to an upsert topic.
-- ${…} are filled in from the environment, and @schema(…) with a published schema, by SubmitJob.java.
SET 'pipeline.name' = '${TOPIC_PREFIX}inventory.global_stock';
SET 'parallelism.default' = '${PARALLELISM}';

-- What is kept to go on from when a process dies, and for a person who starts the job again: the newest stays when the job is cancelled.
SET 'execution.checkpointing.interval' = '${CHECKPOINT_INTERVAL}';
-- A folder of the job's own: from another job's state it would go on reading the other's topics.
SET 'execution.checkpointing.dir' = '${STATE}/${TOPIC_PREFIX}inventory.global_stock/checkpoints';
SET 'execution.checkpointing.externalized-checkpoint-retention' = 'RETAIN_ON_CANCELLATION';
-- For ever: what the job needs may be away for longer than any number of attempts.
SET 'restart-strategy.type' = 'exponential-delay';
SET 'restart-strategy.exponential-delay.initial-backoff' = '1 s';
SET 'restart-strategy.exponential-delay.max-backoff' = '30 s';

-- A warehouse's new level replaces its old one in the sum: minus the old, plus the new. Taken together with what else comes in this
-- time, they give one record instead of two, of which the first lacks the warehouse. The limit has to be large: where it cuts, a record
-- comes between that lacks a warehouse, or a tombstone where it was the only one. Its version is smaller, so that readers pass over it.
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '100 ms';
SET 'table.exec.mini-batch.size' = '100000';
-- What minus and plus come together depends on one aggregation in one place.
SET 'table.optimizer.agg-phase-strategy' = 'ONE_PHASE';
-- Nothing that counts stock is ever forgotten.
SET 'table.exec.state.ttl' = '0';
-- The key of the topic is made of the key of the sum: all records of one come from one task, in order.
SET 'table.exec.sink.upsert-materialize' = 'NONE';

CREATE TABLE stock_level (
  sku          STRING NOT NULL,
  warehouse_id STRING NOT NULL,
  region       STRING NOT NULL,
  on_hand      BIGINT NOT NULL,
  held         BIGINT NOT NULL,
  available    BIGINT NOT NULL,
  version      BIGINT NOT NULL,
  occurred_at  TIMESTAMP(3) NOT NULL
) WITH (
  'connector' = 'kafka',
  'topic' = '${TOPIC_PREFIX}inventory.stock_level.v1',
  'properties.bootstrap.servers' = '${BROKERS}',
  'properties.group.id' = '${TOPIC_PREFIX}inventory.global_stock',
  -- Without a savepoint or checkpoint: all of it. The topic is compacted and keeps each warehouse's newest level for ever.
  'scan.startup.mode' = 'earliest-offset',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = '${REGISTRY_URL}',
  'value.avro-confluent.schema' = '@schema(inventory.stock_level.v1-value/1)'
);

CREATE TABLE global_stock (
  stock_key STRING NOT NULL,
  sku       STRING NOT NULL,
  region    STRING NOT NULL,
  on_hand   BIGINT NOT NULL,
  held      BIGINT NOT NULL,
  available BIGINT NOT NULL,
  version   BIGINT NOT NULL,
  as_of     TIMESTAMP(3) NOT NULL,
  PRIMARY KEY (stock_key) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '${TOPIC_PREFIX}inventory.global_stock.v1',
  'properties.bootstrap.servers' = '${BROKERS}',
  'key.format' = 'raw',
  'value.format' = 'avro-confluent',
  'value.fields-include' = 'EXCEPT_KEY',
  'value.avro-confluent.url' = '${REGISTRY_URL}',
  -- The published one: left to itself, Flink would register a schema of its own under other names.
  'value.avro-confluent.schema' = '@schema(inventory.global_stock.v1-value/1)',
  -- Sums are absolute and have versions, so that a repeat changes nothing. In transactions they would come with each checkpoint only.
  'sink.delivery-guarantee' = 'at-least-once'
);

INSERT INTO global_stock
SELECT sku || ':' || region, sku, region, SUM(on_hand), SUM(held), SUM(available), SUM(version), MAX(occurred_at)
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY sku, warehouse_id ORDER BY version DESC) AS newest FROM stock_level
)
WHERE newest = 1
GROUP BY sku, region;
