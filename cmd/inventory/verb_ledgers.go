package main

import (
	"context"
	"fmt"
	"io"
)

type ledgersCmd struct{}

func (c *ledgersCmd) decides() bool { return false }

func (c *ledgersCmd) run(ctx context.Context, s *service) (answer, error) {
	ids, err := s.in.Ledgers(ctx)
	if err != nil {
		return nil, err
	}
	list := ledgerList{Ledgers: []ledgerLine{}}
	for _, id := range ids {
		head, err := s.store.Head(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("reading the head of %s: %w", id, err)
		}
		list.Ledgers = append(list.Ledgers, ledgerLine{
			Ledger: string(id), Version: head.Version, Relayed: head.Relayed, Snapshot: head.Snapshot.Version,
			Epoch: head.Epoch, Owner: ownerOf(head.Owner, s.id),
		})
	}
	return list, nil
}

func ownerOf(owner, self string) string {
	switch owner {
	case "":
		return "nobody"
	case self:
		return "this process"
	}
	return owner
}

// ledgerLine is how a ledger stands in the store: the versions are of entries.
type ledgerLine struct {
	Ledger   string `json:"ledger"`
	Version  int64  `json:"version"`
	Relayed  int64  `json:"relayed"`
	Snapshot int64  `json:"snapshot"`
	Epoch    int64  `json:"epoch"`
	Owner    string `json:"owner"`
}

type ledgerList struct {
	Ledgers []ledgerLine `json:"ledgers"`
}

func (l ledgerList) text(out io.Writer) {
	table := newTable(out, "LEDGER\tENTRIES\tRELAYED\tSNAPSHOT\tEPOCH\tOWNER")
	for _, one := range l.Ledgers {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%s\n", one.Ledger, one.Version, one.Relayed, one.Snapshot, one.Epoch, one.Owner)
	}
	_ = table.Flush()
}
