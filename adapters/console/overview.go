package console

import (
	"net/http"
	"time"

	"inventory/app"
	"inventory/domain/letter"
	"inventory/domain/stock"
)

// soon is the time before its end in which a hold is about to lapse.
const soon = 5 * time.Minute

// overviewTold is what the first page says.
type overviewTold struct {
	NotReady   error // nil: ready
	Members    []memberTold
	Ledgers    int
	Orphans    int // ledgers that nobody is known to own
	Orders     int64
	Partly     error // why some of it is not known
	Lapsing    app.Lapsing
	LapsingErr error
	Letters    int
	LetterErr  error
	Oldest     time.Time // letter that is open
	Warehouses []stock.Warehouse
}

// memberTold is what a process of the fleet owns.
type memberTold struct {
	Name, Addr string
	Ledgers    int
	Waiting    int   // commands and mail
	Behind     int64 // entries that are not relayed yet
}

// overview tells how the service is, each part for itself: one that can't be asked hides no other.
func (c *Console) overview(r *http.Request) (view, error) {
	ctx := r.Context()
	told := overviewTold{NotReady: c.options.Ready(ctx)}
	standings, err := c.in.Everywhere(ctx)
	told.Partly = err
	at := map[string]int{}
	for _, s := range standings {
		told.Ledgers++
		if s.Name == "" {
			told.Orphans++
			continue
		}
		if _, met := at[s.Name]; !met {
			at[s.Name] = len(told.Members)
			told.Members = append(told.Members, memberTold{Name: s.Name, Addr: s.Addr})
		}
		m := &told.Members[at[s.Name]]
		m.Ledgers, m.Waiting, m.Behind = m.Ledgers+1, m.Waiting+s.Waiting, m.Behind+s.Version-s.Relayed
		if isOrders(s.Ledger) {
			told.Orders += s.Holds
		}
	}
	told.Lapsing, told.LapsingErr = c.in.Lapsing(ctx, soon, 1)
	if told.LapsingErr == nil {
		told.LapsingErr = told.Lapsing.Unknown
	}
	groups, err := c.desk.Groups(ctx, letter.Filter{})
	told.LetterErr = err
	for _, g := range groups {
		told.Letters += g.Letters
		if told.Oldest.IsZero() || g.First.Before(told.Oldest) {
			told.Oldest = g.First
		}
	}
	if told.Warehouses, err = c.in.Warehouses(ctx); err != nil {
		return view{}, err
	}
	return view{page: "overview", title: "Overview", active: "Overview", data: told, refresh: 5 * time.Second}, nil
}
