package telemetry

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// other is what a value is counted as that is not in its label's set.
const other = "other"

// What becomes of a record that was consumed, for Metrics.Consumed.
const (
	RecordDone      = "done"      // acted on
	RecordBuried    = "buried"    // to the dead letters
	RecordAbandoned = "abandoned" // given up with its partition or at the end: it comes again
)

// What a command's outcome is counted as.
const (
	outcomeHeld         = "held"
	outcomeRejected     = "rejected"
	outcomeInsufficient = "insufficient"
	outcomeRepeated     = "repeated"
	outcomeDone         = "done"
	outcomeUnknownOrder = "unknown_order"
	outcomeParked       = "parked"
	outcomeRefused      = "refused"
	outcomeRetry        = "retry"
	outcomeError        = "error"
)

// outcomes says what each failure's code is counted as: refused where the caller is to do
// something else, retry where the same may succeed later, error where it is a person's.
var outcomes = map[string]string{
	"INVALID": outcomeRefused, "UNKNOWN_WAREHOUSE": outcomeRefused, "UNKNOWN_REGION": outcomeRefused, "UNKNOWN_SKU": outcomeRefused, "UNKNOWN_SUBJECT": outcomeRefused,
	"WAREHOUSE_FIXED": outcomeRefused, "TOO_OLD": outcomeRefused, "UNKNOWN_ORDER": outcomeUnknownOrder,
	"ORDER_MISMATCH": outcomeRefused, "OVER_PICK": outcomeRefused, "AMBIGUOUS_PICK": outcomeRefused, "HOLD_ENDED": outcomeRefused, "ALREADY_CANCELLED": outcomeRefused, "NOT_HELD": outcomeRefused,
	"REJECTED": outcomeRejected, "SHORTAGE": outcomeInsufficient, "INSUFFICIENT_STOCK": outcomeInsufficient,
	"BELOW_ZERO": outcomeRefused, "TOO_MANY": outcomeRefused, "KEY_REUSED": outcomeRefused, "NO_THRESHOLD": outcomeRefused,
	"UNKNOWN_LETTER": outcomeRefused, "UNKNOWN_JOB": outcomeRefused, "NO_LETTERS": outcomeRefused, "LETTERS_TAKEN": outcomeRefused, "SETTLED": outcomeRefused,
	"REVISION_OUT_OF_RANGE": outcomeRefused, "WATCH_BEHIND": outcomeRetry, "WATCH_CLOSING": outcomeRetry, "STOCK_BEHIND": outcomeRetry, "SCAN_CLOSING": outcomeRetry,
	"UNREADABLE": outcomeRefused, "UNKNOWN_SCHEMA": outcomeRefused, "INCOMPATIBLE_SCHEMA": outcomeRefused,
	"BUSY": outcomeRetry, "NOT_OWNER": outcomeRetry, "NEWER_VERSION": outcomeRetry, "OVERLOADED": outcomeRetry, "UNSETTLED": outcomeRetry,
	"UNAVAILABLE": outcomeRetry, "STORE_UNKNOWN": outcomeRetry, "TIMEOUT": outcomeRetry, "ENDED": outcomeRetry,
	"DEFECT": outcomeError, "CORRUPT": outcomeError, "STORE_CONFLICT": outcomeError, "STORE_REFUSED": outcomeError, "INTERNAL": outcomeError,
	letter.CodePanic: outcomeError, // of a handler: its dead letter's code
}

// outcomeOf gives what a failure's code is counted as; success where it is none.
func outcomeOf(code, success string) string {
	if outcome, ok := outcomes[code]; ok {
		return outcome
	}
	if code == ports.ParkedOutcome {
		return outcomeParked
	}
	return success
}

var (
	labelVia     = label{"via", []string{ports.ViaHTTP, ports.ViaKafka, ports.ViaScan, ports.ViaOther}}
	labelCommand = label{"command", []string{ports.ReleaseCommand, ports.ConfirmCommand, ports.ExtendCommand, other}}
	labelReserve = label{"outcome", []string{outcomeHeld, outcomeRejected, outcomeInsufficient, outcomeRepeated, outcomeRefused, outcomeRetry, outcomeError}}
	labelOrder   = label{"outcome", []string{outcomeDone, outcomeParked, outcomeUnknownOrder, outcomeRejected, outcomeInsufficient, outcomeRefused, outcomeRetry, outcomeError}}
	labelAdjust  = label{"outcome", []string{outcomeDone, outcomeRefused, outcomeRetry, outcomeError}}
	labelReason  = label{"reason", []string{reservation.InsufficientStock, reservation.AlreadyCancelled, reservation.InvalidOrder, other}}
	labelType    = label{"type", []string{
		string(stock.Receipt), string(stock.Return), string(stock.Damage), string(stock.Loss), string(stock.Correction), string(stock.Count), other,
	}}
	labelKind    = label{"ledger_kind", []string{string(ledger.KindStock), string(ledger.KindReservation), other}}
	labelCommit  = label{"outcome", []string{"applied", "conflict", "transient", "permanent", "unknown"}}
	labelCause   = label{"cause", []string{"given_up", "conflict", "clock", "error"}}
	labelTrouble = label{"of", []string{"takeover", "relay", "snapshot", "directory", "clock", "fleet", "letters", "global", "capture", "watch", "standing", "cache", other}}
	labelInput   = label{"topic", append(ports.OrderEventTopics(), other)}
	labelRecord  = label{"outcome", []string{RecordDone, RecordBuried, RecordAbandoned, other}}
	labelCode    = label{"code", append(slices.Sorted(maps.Keys(outcomes)), other)}
	labelOutput  = label{"topic", append(ports.PublicEventTopics(), ports.DeadLetter{}.Topic(), other)}
	labelRoute   = label{"route", []string{
		"/inventory/reserve", "/inventory/release", "/inventory/confirm", "/inventory/extend", "/inventory/adjust",
		"/inventory/{sku}", "/inventory/reservations/{reservation_id}", "/inventory/orders/{order_id}",
		"/inventory/warehouses", "/inventory/warehouses/{warehouse_id}", "/inventory/query", "/inventory/global", "/inventory/global/export",
		"/livez", "/readyz", "/metrics", "/openapi.yaml", "/openapi.json", other,
	}}
	labelStatus = label{"status", []string{
		"200", "201", "204", "400", "401", "403", "404", "405", "406", "408", "409", "413", "415", "422", "429", "500", "501", "503", "504", other,
	}}
)

// topicOf takes a deployment's prefix off a topic of ours.
func topicOf(l label, topic string) string {
	for _, known := range l.values {
		if known != other && strings.HasSuffix(topic, known) {
			return known
		}
	}
	return other
}

// routeOf takes the method off a route as net/http's mux writes it.
func routeOf(route string) string {
	if method, path, ok := strings.Cut(route, " "); ok && method != "" {
		return path
	}
	return route
}

// statusOf is a status as a label; a handler that wrote none answered 200.
func statusOf(status int) string {
	if status == 0 {
		status = http.StatusOK
	}
	return strconv.Itoa(status)
}

func kindOf(id ledger.ID) string { return string(id.Kind()) }
