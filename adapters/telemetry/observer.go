package telemetry

import (
	"fmt"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Observer logs events.
type Observer struct {
	log     *zap.Logger
	trouble *limiter
}

var _ ports.Observer = (*Observer)(nil)

// New returns an Observer that writes to log. Close it to have the last repeats told.
func New(log *zap.Logger) *Observer {
	return &Observer{log: log, trouble: newLimiter(troubleWindow)}
}

// Close tells how often the troubles repeated that were not told yet.
func (o *Observer) Close() { o.trouble.close() }

// Observe implements ports.Observer.
func (o *Observer) Observe(e ports.Event) {
	switch e := e.(type) {
	case ports.Committed:
		o.committed(e)
	case ports.CommitTrouble:
		o.warn("commit trouble", e.Ledger, e.Err, zap.Int64("version", e.Version), zap.Int("try", e.Try))
	case ports.TookOver:
		o.log.Info("took over", ledgerField(e.Ledger), zap.Int64("epoch", e.Epoch), zap.Int64("version", e.Version),
			zap.Int("replayed", e.Entries), zap.Duration("took", e.Took))
	case ports.Lost:
		o.lost(e)
	case ports.Refused:
		o.limited(zapcore.ErrorLevel, "refused: a defect", e.Ledger, e.Err)
	case ports.RelayTrouble:
		o.warn("relay trouble", e.Ledger, e.Err, zap.Int64("version", e.Version))
	case ports.SnapshotTaken:
		o.snapshotTaken(e)
	case ports.SnapshotTrouble:
		o.warn("snapshot trouble", e.Ledger, e.Err)
	case ports.DirectoryTrouble:
		o.warn("directory trouble", "", e.Err)
	case ports.OrderDecided:
		o.orderDecided(e)
	case ports.AdjustmentDecided:
		o.adjustmentDecided(e)
	case ports.HoldsExpired:
		o.holdsExpired(e)
	case ports.PickBuried:
		o.log.Warn("dead letter", ledgerField(e.Ledger), zap.String("topic", ports.FulfilmentPickedTopic), zap.String("order_id", e.OrderID),
			zap.String("code", e.Code), zap.String("error", e.Detail))
	case ports.ClockCompared:
		o.clockCompared(e)
	default:
		if o.audited(e) || o.inFleet(e) || o.atDesk(e) || o.keepsTotals(e) || o.captured(e) || o.ofWatches(e) || o.stands(e) || o.ofCache(e) {
			return
		}
		o.log.Error("an event that this log does not know", zap.String("type", fmt.Sprintf("%T", e)))
	}
}

// committed is by far the most frequent event: a line that nobody reads costs nothing.
func (o *Observer) committed(e ports.Committed) {
	if line := o.log.Check(zapcore.DebugLevel, "committed"); line != nil {
		line.Write(ledgerField(e.Ledger), zap.Int64("version", e.Version), zap.Int("commands", e.Commands),
			zap.Int("changes", e.Changes), zap.Int("bytes", e.Bytes), zap.Duration("took", e.Took))
	}
}

func (o *Observer) snapshotTaken(e ports.SnapshotTaken) {
	if line := o.log.Check(zapcore.DebugLevel, "snapshot taken"); line != nil {
		line.Write(ledgerField(e.Ledger), zap.Int64("version", e.Version), zap.Int("bytes", e.Bytes), zap.Duration("took", e.Took))
	}
}

// lost tells giving up, which is as it should be, from losing.
func (o *Observer) lost(e ports.Lost) {
	if e.Err == nil {
		o.log.Info("gave up", ledgerField(e.Ledger), zap.Int64("epoch", e.Epoch))
		return
	}
	o.warn("lost", e.Ledger, e.Err, zap.Int64("epoch", e.Epoch))
}

// clockCompared is an error where the process owns nothing until somebody sees to its clock.
func (o *Observer) clockCompared(e ports.ClockCompared) {
	offset := zap.Duration("offset", e.Offset)
	switch {
	case !e.Trusted:
		o.limited(zapcore.ErrorLevel, "this process owns nothing: its clock", "", e.Err, offset)
	case e.Err != nil:
		o.warn("clock trouble", "", e.Err, offset)
	default:
		o.log.Debug("clock compared", offset)
	}
}

func (o *Observer) warn(msg string, id ledger.ID, err error, fields ...zap.Field) {
	o.limited(zapcore.WarnLevel, msg, id, err, fields...)
}

// limited logs trouble: the first of its kind in a ledger at once, what repeats as a count.
func (o *Observer) limited(level zapcore.Level, msg string, id ledger.ID, err error, fields ...zap.Field) {
	if id != "" {
		fields = append(fields, ledgerField(id))
	}
	o.limitedBy(msg+" "+string(id), level, msg, err, fields...)
}

// limitedBy logs trouble: the first of its key at once, what repeats as a count.
func (o *Observer) limitedBy(key string, level zapcore.Level, msg string, err error, fields ...zap.Field) {
	if !o.log.Core().Enabled(level) {
		return
	}
	fields = append(fields, zap.Stringer("class", class(ports.ClassOf(err))), zap.Error(err))
	o.trouble.tell(key, func(repeats int) {
		if repeats > 0 {
			fields = append(fields, zap.Int("repeats", repeats))
		}
		o.log.Log(level, msg, fields...)
	})
}

func ledgerField(id ledger.ID) zap.Field { return zap.String("ledger", string(id)) }

// class names the class of an error.
type class ports.Class

// String implements fmt.Stringer.
func (c class) String() string {
	switch ports.Class(c) {
	case ports.None:
		return "none"
	case ports.Conflict:
		return "conflict"
	case ports.Transient:
		return "transient"
	case ports.Permanent:
		return "permanent"
	case ports.Unknown:
		return "unknown"
	}
	return fmt.Sprintf("class %d", int(c))
}
