package console

import (
	"net/http"
	"time"

	"inventory/app"
	"inventory/app/fleet"
	"inventory/domain/ledger"
)

// isOrders tells whether a ledger decides orders rather than stock.
func isOrders(id ledger.ID) bool { return id.Kind() == ledger.KindReservation }

type ledgersTold struct {
	Ledgers []ledgerTold
	Partly  error
}

// ledgerTold is how a ledger stands.
type ledgerTold struct {
	fleet.Standing
	Behind int64 // entries that are not relayed yet
}

func (c *Console) ledgers(r *http.Request) (view, error) {
	standings, err := c.in.Everywhere(r.Context())
	if len(standings) == 0 && err != nil {
		return view{}, err
	}
	told := ledgersTold{Partly: err}
	for _, s := range standings {
		told.Ledgers = append(told.Ledgers, ledgerTold{s, s.Version - s.Relayed})
	}
	return view{page: "ledgers", title: "Ledgers", active: "Ledgers", data: told, refresh: 5 * time.Second}, nil
}

// holds lists the holds that end first.
func (c *Console) holds(r *http.Request) (view, error) {
	within := r.URL.Query().Get("within")
	if within == "" {
		within = windows[0].Value
	}
	for _, w := range windows {
		if w.Value != within {
			continue
		}
		told := holdsTold{Windows: windows, Within: within}
		var err error
		told.Lapsing, err = c.in.Lapsing(r.Context(), w.of, mostHolds)
		return view{page: "holds", title: "Holds about to lapse", active: "Holds", data: told, refresh: 5 * time.Second}, err
	}
	return view{}, &refusal{http.StatusBadRequest, "within: expected 5m, 1h, 24h or 720h"}
}

// mostHolds is how many holds the page lists.
const mostHolds = 200

// window is how far ahead people look.
type window struct {
	Value, Text string
	of          time.Duration
}

var windows = []window{
	{"5m", "5 minutes", soon}, {"1h", "an hour", time.Hour}, {"24h", "a day", 24 * time.Hour}, {"720h", "30 days", 720 * time.Hour},
}

type holdsTold struct {
	Lapsing app.Lapsing
	Windows []window
	Within  string
}

// reconcileForm asks before all that is stored is read.
func (c *Console) reconcileForm(*http.Request) (view, error) {
	return view{page: "reconcile", title: "Reconcile", active: "Reconcile"}, nil
}

// reconcile compares the journals with all that is derived from them. It changes nothing.
func (c *Console) reconcile(r *http.Request) (view, error) {
	found, err := c.in.Reconcile(r.Context())
	return view{page: "reconcile", title: "Reconcile", active: "Reconcile", data: &found}, err
}
