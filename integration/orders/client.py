"""Another team's service: sends order events, or listens to events, with Confluent's client.

It shares no code with the service, and knows of it only what the registry and the topics tell.
"""

import argparse
import base64
import json
import sys
import threading
import time

from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError


def insist(ask):
    """Asks again while the registry does not answer; what it does answer counts."""
    while True:
        try:
            return ask()
        except SerializationError:
            raise
        except Exception as trouble:  # of whichever HTTP library the client is made with
            print("trouble: %s" % trouble, file=sys.stderr, flush=True)
            time.sleep(0.1)


def send(args):
    """Sends a line of stdin each: {"topic", "key", "value"}, or {"topic", "key", "raw"} in Base64.

    "headers" are texts by name, "pairs" a list of names and values in Base64. Each
    acknowledged record is answered by its key in a line.
    """
    registry = SchemaRegistryClient({"url": args.registry})
    serialize = AvroSerializer(registry, conf={"auto.register.schemas": False, "use.latest.version": True})
    producer = Producer({
        "bootstrap.servers": args.brokers, "enable.idempotence": True, "linger.ms": 2,
        "message.timeout.ms": 280000, "reconnect.backoff.max.ms": 500,
    })

    def acknowledged(err, record):
        if err is not None:
            print("FAILED %s: %s" % (record.key(), err), file=sys.stderr, flush=True)
            return
        print(record.key().decode() if record.key() else "-", flush=True)

    # Acknowledgements come while nothing is sent, too.
    ended = threading.Event()

    def poll():
        while not ended.is_set():
            producer.poll(0.02)

    polling = threading.Thread(target=poll)
    polling.start()
    for line in sys.stdin:
        event = json.loads(line)
        if "raw" in event:
            value = base64.b64decode(event["raw"])
        else:
            value = insist(lambda: serialize(event["value"], SerializationContext(event["topic"], MessageField.VALUE)))
        headers = [(name, text.encode()) for name, text in event.get("headers", {}).items()]
        headers += [(name, base64.b64decode(value)) for name, value in event.get("pairs", [])]
        key = event["key"].encode() if event.get("key") else None
        producer.produce(event["topic"], key=key, value=value, headers=headers, on_delivery=acknowledged)
    left = producer.flush(280)
    ended.set()
    polling.join()
    if left:
        sys.exit("%d records were not acknowledged" % left)


def hear(args):
    """Writes each record of the topics as a line, from the oldest on, until stdin ends."""
    registry = SchemaRegistryClient({"url": args.registry})
    deserialize = AvroDeserializer(registry)
    consumer = Consumer({
        "bootstrap.servers": args.brokers, "group.id": args.group, "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "session.timeout.ms": 6000, "reconnect.backoff.max.ms": 500,
        "topic.metadata.refresh.interval.ms": 1000,
    })
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    consumer.subscribe(args.topics.split(","))
    while not ended.is_set():
        record = consumer.poll(0.1)
        if record is None:
            continue
        if record.error():
            print("trouble: %s" % record.error(), file=sys.stderr, flush=True)
            continue
        told = {
            "topic": record.topic(), "partition": record.partition(), "offset": record.offset(),
            "key": record.key().decode() if record.key() else "",
            "headers": {name: text.decode("utf-8", "replace") for name, text in record.headers() or []},
        }
        if args.raw:
            told["raw"] = base64.b64encode(record.value()).decode()
            told["pairs"] = [[name, base64.b64encode(value).decode()] for name, value in record.headers() or []]
        else:
            told["value"] = insist(lambda: deserialize(record.value(), SerializationContext(record.topic(), MessageField.VALUE)))
        print(json.dumps(told, default=lambda t: int(t.timestamp() * 1000 + 0.5)), flush=True)
    consumer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["send", "hear"])
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--topics", help="to hear, with commas between")
    parser.add_argument("--group", help="to hear")
    parser.add_argument("--raw", action="store_true", help="give values, and headers in pairs, as they are, in Base64")
    args = parser.parse_args()
    {"send": send, "hear": hear}[args.what](args)


main()
