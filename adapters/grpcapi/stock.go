package grpcapi

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"inventory/app"
	"inventory/app/watch"
	"inventory/domain/stock"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// stockService is the service of that name.
type stockService struct{ a *API }

var _ inventoryv1connect.StockServiceHandler = (*stockService)(nil)

// WatchStock implements inventoryv1connect.StockServiceHandler. It ends with the client, with
// this process, or where the watch can't go on.
func (s *stockService) WatchStock(ctx context.Context, r *inventoryv1.WatchStockRequest, out *connect.ServerStream[inventoryv1.WatchStockResponse]) error {
	const procedure = inventoryv1connect.StockServiceWatchStockProcedure
	l := lineOf(ctx)
	l.open()
	l.extend()
	w, err := s.a.in.WatchStock(ctx, app.WatchRequest{WarehouseID: r.GetWarehouseId(), SKUs: r.GetSkus(), From: r.GetFromRevision()})
	if err != nil {
		return s.a.refuse(procedure, err, nil)
	}
	for {
		e, err := w.Next(ctx)
		switch {
		case ctx.Err() != nil:
			w.End(nil)
			return s.a.refuse(procedure, ctx.Err(), nil)
		case err != nil:
			w.End(err)
			return s.a.refuse(procedure, err, w.Revision())
		}
		l.extend()
		if err := out.Send(toldOf(e, l.binary)); err != nil {
			w.End(nil)
			return err
		}
	}
}

// toldOf writes what is told; binary says that it will be sent as protobuf.
func toldOf(e watch.Event, binary bool) *inventoryv1.WatchStockResponse {
	told := &inventoryv1.WatchStockResponse{Revision: e.Revision.String()}
	switch {
	case e.Changes != nil:
		shared := e.Changes.Memo(changesOf).(changes)
		if binary && shared.field != nil {
			told.ProtoReflect().SetUnknown(shared.field)
			break
		}
		told.Event = &inventoryv1.WatchStockResponse_Changes{Changes: shared.message}
	case e.Part:
		s := &inventoryv1.StockSnapshot{Complete: e.Revision != nil}
		for _, l := range e.Levels {
			s.Levels = append(s.Levels, levelOf(l))
		}
		if s.Complete {
			s.AsOf = timestamppb.New(e.AsOf)
		}
		told.Event = &inventoryv1.WatchStockResponse_Snapshot{Snapshot: s}
	default:
		told.Event = &inventoryv1.WatchStockResponse_Heartbeat{Heartbeat: &inventoryv1.StockHeartbeat{AsOf: timestamppb.New(e.AsOf)}}
	}
	return told
}

// changes is what all watches that are told of a span are sent. Encoding it is half of the work
// of telling a thousand, so it is encoded once: a field of a message in protobuf is its bytes,
// wherever they came from.
type changes struct {
	message *inventoryv1.StockChanges
	field   []byte // the field changes of the response, encoded
}

func changesOf(s *watch.Span) any {
	told := &inventoryv1.StockChanges{Changes: make([]*inventoryv1.StockChange, 0, len(s.Changes))}
	for _, c := range s.Changes {
		told.Changes = append(told.Changes, &inventoryv1.StockChange{
			Type: typeOf(c.Type), Quantity: c.Quantity, Level: levelOf(c.After), OccurredAt: timestamppb.New(c.At),
			OrderId: string(c.Order), Reason: c.Reason, Reference: c.Reference, Actor: c.Actor,
		})
	}
	field, err := proto.Marshal(&inventoryv1.WatchStockResponse{Event: &inventoryv1.WatchStockResponse_Changes{Changes: told}})
	if err != nil { // as sending it will say
		field = nil
	}
	return changes{told, field}
}

func levelOf(l watch.Level) *inventoryv1.StockLevel {
	return &inventoryv1.StockLevel{
		Sku: string(l.SKU), OnHand: l.OnHand, Held: l.Held, Available: l.Available, Short: l.Short, Seq: l.Seq, Version: l.Version,
	}
}

func typeOf(name string) inventoryv1.ChangeType {
	switch name {
	case stock.Held.String():
		return inventoryv1.ChangeType_CHANGE_TYPE_HELD
	case stock.Released.String():
		return inventoryv1.ChangeType_CHANGE_TYPE_RELEASED
	case stock.Confirmed.String():
		return inventoryv1.ChangeType_CHANGE_TYPE_CONFIRMED
	case stock.Adjusted.String():
		return inventoryv1.ChangeType_CHANGE_TYPE_ADJUSTED
	case watch.Corrected:
		return inventoryv1.ChangeType_CHANGE_TYPE_CORRECTED
	}
	return inventoryv1.ChangeType_CHANGE_TYPE_UNSPECIFIED
}
