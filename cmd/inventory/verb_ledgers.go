package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

type ledgersCmd struct {
	Here bool `help:"Only those that the process owns that --server names."`
}

func (c *ledgersCmd) run(ctx context.Context, to *client) (answer, error) {
	list := ledgerList{here: c.Here}
	path := "/admin/ledgers"
	if c.Here {
		path += "?here=true"
	}
	err := to.ask(ctx, http.MethodGet, path, nil, nil, &list)
	return list, err
}

// ledgerLine is how a ledger stands with its owner: versions are of entries. Of a ledger that
// nobody is known to own there are no numbers.
type ledgerLine struct {
	Ledger    string `json:"ledger"`
	Owner     string `json:"owner"`
	OwnerAddr string `json:"owner_addr,omitempty"`
	Epoch     *int64 `json:"epoch,omitempty"`
	Version   *int64 `json:"version,omitempty"`
	Relayed   *int64 `json:"relayed,omitempty"`
	RelayLag  *int64 `json:"relay_lag,omitempty"`
	Waiting   *int64 `json:"waiting,omitempty"`
	Mail      *int64 `json:"mail,omitempty"`
	Holds     *int64 `json:"holds,omitempty"`
}

type ledgerList struct {
	Ledgers    []ledgerLine `json:"ledgers"`
	Unanswered []string     `json:"unanswered,omitempty"`
	here       bool
}

func (l ledgerList) text(out io.Writer) {
	if len(l.Ledgers) == 0 && l.here {
		fmt.Fprintln(out, "this process owns no ledger")
		return
	}
	table := newTable(out, "LEDGER\tOWNER\tENTRIES\tRELAY-LAG\tEPOCH\tWAITING\tHOLDS")
	for _, one := range l.Ledgers {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.Ledger, cmp.Or(one.Owner, unknown),
			number(one.Version), number(one.RelayLag), number(one.Epoch), number(one.Waiting), number(one.Holds))
	}
	_ = table.Flush()
	for _, member := range l.Unanswered {
		fmt.Fprintf(out, "did not answer: %s\n", member)
	}
}

// unknown is what a table shows where nothing is known.
const unknown = "-"

func number(n *int64) string {
	if n == nil {
		return unknown
	}
	return strconv.FormatInt(*n, 10)
}
