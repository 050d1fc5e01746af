package telemetry

import (
	"slices"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"inventory/domain/ledger"
	"inventory/ports"
)

// orderDecided tells of one order, which only the level debug does.
func (o *Observer) orderDecided(e ports.OrderDecided) {
	line := o.log.Check(zapcore.DebugLevel, "order decided")
	if line == nil {
		return
	}
	fields := []zap.Field{zap.String("command", e.Command), zap.String("via", e.Via), zap.String("outcome", e.Outcome)}
	if e.Repeated {
		fields = append(fields, zap.Bool("repeated", true))
	}
	fields = given(fields, "reason", e.Reason)
	fields = given(fields, "order_id", e.OrderID)
	if e.ReservationID != (ledger.UUID{}) {
		fields = append(fields, zap.Stringer("reservation_id", e.ReservationID))
	}
	line.Write(append(given(fields, "trace_id", traceID(e.Trace)), zap.Duration("took", e.Took))...)
}

func (o *Observer) adjustmentDecided(e ports.AdjustmentDecided) {
	line := o.log.Check(zapcore.DebugLevel, "adjustment decided")
	if line == nil {
		return
	}
	fields := []zap.Field{zap.String("via", e.Via), zap.String("outcome", e.Outcome)}
	fields = given(fields, "type", e.Type)
	fields = given(fields, "sku", e.SKU)
	fields = given(fields, "warehouse_id", e.WarehouseID)
	fields = given(fields, "actor", e.Actor)
	line.Write(append(given(fields, "trace_id", traceID(e.Trace)), zap.Duration("took", e.Took))...)
}

func (o *Observer) holdsExpired(e ports.HoldsExpired) {
	if line := o.log.Check(zapcore.DebugLevel, "holds expired"); line != nil {
		line.Write(ledgerField(e.Ledger), zap.Int("count", len(e.Late)), zap.Duration("late", slices.Max(e.Late)))
	}
}

// maxField bounds what a line has of a text from outside, in bytes: no valid id is longer.
const maxField = 128

// given adds a field where there is something to say.
func given(fields []zap.Field, name, value string) []zap.Field {
	if value == "" {
		return fields
	}
	if len(value) > maxField {
		value = strings.ToValidUTF8(value[:maxField], "") + "..."
	}
	return append(fields, zap.String(name, value))
}

// traceID takes the trace's id out of a W3C traceparent (version-id-parent-flags); it is
// empty where there is none.
func traceID(traceparent string) string {
	parts := strings.SplitN(traceparent, "-", 4)
	if len(parts) != 4 || len(parts[0]) != 2 || len(parts[1]) != 32 || strings.Trim(parts[1], "0123456789abcdef") != "" || strings.Trim(parts[1], "0") == "" {
		return ""
	}
	return parts[1]
}
