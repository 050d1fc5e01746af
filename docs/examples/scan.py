"""Sends scans until each is acknowledged, then tells what the warehouse has: scan.py ADDRESS."""

import random
import sys
import time

import grpc
from inventory.v1 import stock_pb2, stock_pb2_grpc

LASTING = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNIMPLEMENTED}


def receipt(scan_id, sku, units):
    return stock_pb2.ScanRequest(
        id=scan_id, warehouse_id="DAD", actor="wms:dock-4",
        adjust=stock_pb2.ScanAdjust(sku=sku, type=stock_pb2.ADJUSTMENT_TYPE_RECEIPT, quantity=units))


def send_all(service, scans):
    """Sends scans, and again those that a cut left without an acknowledgement: nothing is done twice."""
    pending, tries = {scan.id: scan for scan in scans}, 0
    while pending:
        try:
            for ack in service.Scan(iter(list(pending.values()))):
                tries = 0
                if ack.HasField("retry"):  # with the next round
                    continue
                pending.pop(ack.id, None)
                yield ack
        except grpc.RpcError as e:
            if e.code() in LASTING:
                raise
        if pending:
            tries += 1
            time.sleep(random.uniform(0.5, 1) * min(5, 0.1 * 2**tries))


def levels(message):
    """The levels that a message of a watch tells."""
    return list(message.snapshot.levels) + [change.level for change in message.changes.changes]


def main(address):
    with grpc.insecure_channel(address) as channel:
        service = stock_pb2_grpc.StockServiceStub(channel)
        seq = 0
        for ack in send_all(service, [receipt(f"python-{n}", "SKU-02", 2) for n in range(1, 6)]):
            if ack.HasField("refused"):
                print(ack.id, "is refused:", ack.refused.code, ack.refused.detail)
                continue
            adjusted = ack.applied.adjusted
            print(f"{ack.id}: {adjusted.on_hand_before} + {adjusted.quantity} = {adjusted.level.on_hand}")
            seq = max(seq, adjusted.level.seq)
        watch = service.WatchStock(stock_pb2.WatchStockRequest(warehouse_id="DAD", skus=["SKU-02"]))
        for level in (level for message in watch for level in levels(message)):
            if level.seq >= seq:  # a watch may be a moment behind what was acknowledged
                print(f"{level.sku}: {level.on_hand} on hand, {level.available} available")
                break
        watch.cancel()


main(sys.argv[1])
