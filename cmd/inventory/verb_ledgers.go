package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

type ledgersCmd struct{}

func (c *ledgersCmd) run(ctx context.Context, to *client) (answer, error) {
	var list ledgerList
	err := to.ask(ctx, http.MethodGet, "/admin/ledgers", nil, nil, &list)
	return list, err
}

// ledgerLine is how a ledger of the service's process stands: the versions are of entries.
type ledgerLine struct {
	Ledger  string `json:"ledger"`
	Version int64  `json:"version"`
	Relayed int64  `json:"relayed"`
	Epoch   int64  `json:"epoch"`
	Waiting int    `json:"waiting"`
}

type ledgerList struct {
	Ledgers []ledgerLine `json:"ledgers"`
}

func (l ledgerList) text(out io.Writer) {
	if len(l.Ledgers) == 0 {
		fmt.Fprintln(out, "this process owns no ledger: it stands by")
		return
	}
	table := newTable(out, "LEDGER\tENTRIES\tRELAYED\tEPOCH\tWAITING")
	for _, one := range l.Ledgers {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\n", one.Ledger, one.Version, one.Relayed, one.Epoch, one.Waiting)
	}
	_ = table.Flush()
}
