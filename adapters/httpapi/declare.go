package httpapi

import (
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// declare lists all that the API does and describes.
func (a *API) declare() []*operation {
	var all []*operation
	all = append(all, a.declareOrders()...)
	all = append(all, a.declareStock()...)
	if a.options.Totals != nil {
		all = append(all, a.declareGlobal()...)
	}
	all = append(all, a.declareWarehouses()...)
	all = append(all, a.declareThresholds()...)
	all = append(all, a.declareRunning()...)
	if a.options.Letters != nil {
		all = append(all, a.declareLetters()...)
		all = append(all, a.declareReplay()...)
		all = append(all, a.declareLetterActs()...)
	}
	return append(all, a.declareHealth()...)
}

func (a *API) declareOrders() []*operation {
	picking := []error{fmt.Errorf("order o-1: %w", reservation.ErrBusy), owner.ErrOverloaded, owner.ErrUnsettled}
	return []*operation{
		{
			id: "reserve", method: http.MethodPost, path: "/inventory/reserve", tag: ordersTag, run: a.reserve,
			summary: "Hold stock for an order: all of its lines, or nothing",
			about: "The same order again, with the same items, is answered with the reservation as it is now, whatever became of it. " +
				"A 409 is an answer and not a fate, unless its code is REJECTED or ALREADY_CANCELLED: the same order may try again.",
			body: exampleReserve,
			answers: []answer{
				{http.StatusCreated, "Held.", exampleOrder},
				{http.StatusOK, "The order was there before: its reservation as it is now.", exampleOrder},
			},
			refusals: append(picking, badItem(), exampleShort, reservation.ErrCancelled, reservation.ErrRejected, reservation.ErrMismatch,
				fmt.Errorf("%w HUE", app.ErrUnknownWarehouse), fmt.Errorf("%w: east", app.ErrUnknownRegion)),
		},
		{
			id: "release", method: http.MethodPost, path: "/inventory/release", tag: ordersTag, run: a.release,
			summary: "End an order without a pick",
			about: "What was held is available when this is answered. An order that ended before is answered as it is. " +
				"An order_id that was never seen is answered with 404, and remembered as ended: it will hold nothing when it comes.",
			body:     releaseRequest{OrderID: &exampleID, Reason: &exampleReason},
			answers:  []answer{{http.StatusOK, "The order as it is now.", exampleReleased}},
			refusals: append(picking, reservation.ErrUnknownOrder),
		},
		{
			id: "confirm", method: http.MethodPost, path: "/inventory/confirm", tag: ordersTag, run: a.confirm,
			summary: "Say that goods of an order were picked",
			about: "Stock levels show it when this is answered. Lines that are not named stay held; of those that are, what was not picked is released. " +
				"A pick after the hold's end takes stock again, if there is any, and is late. The same pick again is answered with the order as it is.",
			body:     confirmRequest{OrderID: &exampleID},
			answers:  []answer{{http.StatusOK, "The order as it is now.", exampleConfirmed}},
			refusals: append(picking, reservation.ErrUnknownOrder, reservation.ErrNotHeld, fmt.Errorf("%w: %w", reservation.ErrShortage, exampleShort), exampleOverPick, fmt.Errorf("%w: sku TEE-M-BLACK is of HCM and SGN", reservation.ErrAmbiguousPick)),
		},
		{
			id: "extend", method: http.MethodPost, path: "/inventory/extend", tag: ordersTag, run: a.extend,
			summary: "Hold an order for longer",
			about:   "The hold ends ttl_seconds from now, or when it would have ended anyhow if that is later. A hold that has ended is never revived.",
			body:    extendRequest{OrderID: &exampleID, TTLSeconds: exampleTTL},
			answers: []answer{{http.StatusOK, "The order as it is now.", exampleOrder}},
			refusals: append(picking, reservation.ErrUnknownOrder,
				fmt.Errorf("order %s is EXPIRED: %w", exampleID, reservation.ErrHoldEnded)),
		},
		{
			id: "readReservation", method: http.MethodGet, path: "/inventory/reservations/{reservation_id}", tag: ordersTag, run: a.readReservation,
			summary:  "Read a reservation",
			about:    "Its ledger answers with what has been decided; where that is silent the tables do, which may be a little old. An order that ended longer ago than the store keeps its row is not remembered.",
			params:   []*huma.Param{pathParam("reservation_id", "A UUID.", exampleOrder.ReservationID)},
			answers:  []answer{{http.StatusOK, "The order as it is now.", exampleRead}},
			refusals: []error{reservation.ErrUnknownOrder, owner.ErrUnsettled},
		},
		{
			id: "readOrder", method: http.MethodGet, path: "/inventory/orders/{order_id}", tag: ordersTag, run: a.readOrder,
			summary:  "Read an order's reservation",
			about:    "As readReservation, by the order's id: an order has one reservation, whose id follows from its own.",
			params:   []*huma.Param{pathParam("order_id", "The order's id.", exampleID)},
			answers:  []answer{{http.StatusOK, "The order as it is now.", exampleRead}},
			refusals: []error{reservation.ErrUnknownOrder, owner.ErrUnsettled},
		},
	}
}

func (a *API) declareStock() []*operation {
	return []*operation{
		{
			id: "adjust", method: http.MethodPost, path: "/inventory/adjust", tag: stockTag, run: a.adjust,
			summary: "Change, or count, what is on hand",
			about: "The same request again, within seven days, changes nothing and has the same answer. A count below what is held is a fact: " +
				"it is taken, and short says how much is missing.",
			params: []*huma.Param{
				headerParam(keyHeader, "Names the adjustment among the actor's in this warehouse, for seven days: 1 to 128 printable ASCII characters without spaces.", "GR-2026-000123"),
				headerParam(actorHeader, "Who adjusts: 1 to 128 printable ASCII characters without spaces.", "wms:dock-3"),
			},
			body:    exampleAdjust,
			answers: []answer{{http.StatusOK, "What it did, and the level after it.", exampleAdjustment}},
			refusals: []error{
				fmt.Errorf("%w HUE", app.ErrUnknownWarehouse), stock.ErrBelowZero, stock.ErrTooMany, stock.ErrKeyReused,
				owner.ErrOverloaded, owner.ErrUnsettled,
			},
		},
		{
			id: "bulk", method: http.MethodPost, path: "/inventory/bulk", tag: stockTag, run: a.bulk,
			summary: "Adjust stock and confirm picks, a line each",
			about: "Lines are answered in their order, each as soon as it is done and those before it are, while others still come; what is about the same SKU in a warehouse, or the same order, is done in order. " +
				"A line that is refused stops no other. After a cut send the lines that were not answered again, or all of them: nothing is done twice. " +
				"A line has up to 65536 bytes; a client that sends nothing for a minute, or takes no answers, is cut off.",
			params: []*huma.Param{
				headerParam(actorHeader, "Who adjusts: 1 to 128 printable ASCII characters without spaces.", "wms:dock-3"),
				{Name: "dry_run", In: "query", Description: "Whether lines are only answered with what they would do now, each after those before it.", Schema: &huma.Schema{Type: huma.TypeBoolean}, Example: false},
			},
			lines:   bulkRequest{ID: "scan-1", Adjust: &exampleAdjust},
			told:    true,
			each:    true,
			answers: []answer{{http.StatusOK, "A line for each line, in their order.", bulkAnswer{Line: 1, ID: "scan-1", Status: http.StatusOK, Adjustment: &exampleAdjustment}}},
		},
		a.declareReadStock(),
		a.declareQueryStock(),
	}
}

func (a *API) declareWarehouses() []*operation {
	return []*operation{
		{
			id: "putWarehouse", method: http.MethodPut, path: "/inventory/warehouses/{warehouse_id}", tag: warehousesTag, run: a.putWarehouse,
			summary:  "Add a warehouse, or change the rank of one",
			about:    "Its region and number of ledgers never change once they are set. An order that names no warehouse is served from as few as can serve it, the lowest ranks first.",
			params:   []*huma.Param{pathParam("warehouse_id", "Letters, digits and, after the first, . _ -: 1 to 64 characters.", "HCM")},
			body:     warehouseRequest{Region: "south", Rank: 1},
			answers:  []answer{{http.StatusOK, "The warehouse.", exampleWarehouse}},
			refusals: []error{fmt.Errorf("%w: HCM is in region south with 1 ledgers, asked for north with 1", app.ErrFixed)},
		},
		{
			id: "listWarehouses", method: http.MethodGet, path: "/inventory/warehouses", tag: warehousesTag, asks: store, run: a.listWarehouses,
			summary: "List the warehouses",
			about:   "By their ids, of all regions.",
			answers: []answer{{http.StatusOK, "All of them.", warehouseList{[]warehouse{exampleWarehouse}}}},
		},
	}
}

func (a *API) declareRunning() []*operation {
	return []*operation{
		{
			id: "reconcile", method: http.MethodPost, path: "/admin/reconcile", tag: runningTag, asks: store, run: a.reconcile, long: true,
			summary: "Compare the journals with everything derived from them",
			about:   "It changes nothing, and may run beside a working service. It reads all that is stored, and takes as long.",
			answers: []answer{{http.StatusOK, "What was compared, and what differs.", exampleReconciliation}},
		},
		a.declareWhy(),
		{
			id: "repair", method: http.MethodPost, path: "/admin/repair", tag: runningTag, run: a.repair, long: true,
			summary: "Correct what a reconciliation finds",
			about: "Corrections are labelled with who and why, and are entries of the ledgers: rows and events follow from them. " +
				"Without apply it only says what would be done. What is corrected already is not corrected again.",
			params: []*huma.Param{
				headerParam(actorHeader, "Who repairs: 1 to 128 printable ASCII characters without spaces.", "anna"),
			},
			body:     exampleRepair,
			answers:  []answer{{http.StatusOK, "What was, or would be, done, and what differs after all.", exampleRepairs}},
			refusals: []error{owner.ErrOverloaded, owner.ErrUnsettled},
		},
		{
			id: "listLedgers", method: http.MethodGet, path: "/admin/ledgers", tag: runningTag, asks: store, run: a.listLedgers,
			summary: "List all ledgers, and how they stand with their owners",
			about: "The members of the fleet are asked. One that does not answer within two seconds is named, and its ledgers are listed without an owner, " +
				"as those are that nobody owns at the moment.",
			params: []*huma.Param{
				{Name: "here", In: "query", Description: "Only those that the process owns that is asked.", Schema: &huma.Schema{Type: huma.TypeBoolean}, Example: true},
			},
			answers: []answer{{http.StatusOK, "How they stand.", exampleLedgers}},
		},
	}
}

func (a *API) declareHealth() []*operation {
	return []*operation{
		{
			id: "live", method: http.MethodGet, path: "/livez", tag: healthTag, asks: nobody, run: a.live,
			summary: "Whether the process answers",
			about:   "It asks nobody else, so that a process is not restarted for what another one lacks.",
			answers: []answer{{http.StatusOK, "It does.", liveness{true}}},
		},
		{
			id: "ready", method: http.MethodGet, path: "/readyz", tag: healthTag, asks: nobody, run: a.ready,
			summary: "Whether the process can do its work, and what is missing",
			about:   "Each check is named with what it lacks and what to do; requests and order events are taken while all are well.",
			answers: []answer{
				{http.StatusOK, "It can.", readiness{true, []checkResult{{Name: "ledgers", OK: true}}}},
				{http.StatusServiceUnavailable, "Something is missing.", readiness{false, []checkResult{{Name: "ledgers", Error: "this process does not own the ledger: stock/HCM/0: nobody does at the moment"}}}},
			},
		},
	}
}
