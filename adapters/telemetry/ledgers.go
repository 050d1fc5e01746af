package telemetry

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"inventory/domain/ledger"
)

// LedgerStatus is how a ledger that this process owns stands.
type LedgerStatus struct {
	Ledger  ledger.ID
	Version int64 // of the newest entry
	Relayed int64 // of the newest entry that is written to the tables
	Waiting int   // commands and mail in the mailbox
	Mail    int64 // sent to other ledgers and not taken there yet
}

// ledgers reads how ledgers stand, once for each scrape. Bounds are per ledger, so what
// counts is the ledger that is furthest behind; a series per ledger would name warehouses.
type ledgers struct {
	status                      atomic.Pointer[func() []LedgerStatus]
	owned, relay, mail, mailbox *prometheus.Desc
}

func newLedgers(c *catalog) *ledgers {
	l := &ledgers{
		owned: c.desc("inventory_ledgers_owned", "Ledgers that this process owns.", labelKind),
		relay: c.desc("inventory_relay_lag_entries",
			"Entries that are committed and not yet written to the tables and published, of the ledger with the most; with 524288 changes in them (the default) it takes no more commands.", labelKind),
		mail: c.desc("inventory_mail_lag_messages",
			"Mail that is sent to other ledgers and not taken there yet, of the ledger with the most.", labelKind),
		mailbox: c.desc("inventory_mailbox_messages",
			"Commands and mail that wait in the mailbox, of the ledger with the most; beyond 8192 commands (the default) callers are refused.", labelKind),
	}
	c.registry.MustRegister(l)
	return l
}

// Describe implements prometheus.Collector.
func (l *ledgers) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{l.owned, l.relay, l.mail, l.mailbox} {
		out <- d
	}
}

// worst is what is furthest behind of one kind of ledgers.
type worst struct{ owned, relay, mail, mailbox int64 }

// Collect implements prometheus.Collector.
func (l *ledgers) Collect(out chan<- prometheus.Metric) {
	read := l.status.Load()
	if read == nil {
		return
	}
	kinds := map[string]*worst{string(ledger.KindStock): {}, string(ledger.KindReservation): {}}
	for _, s := range (*read)() {
		w, ok := kinds[kindOf(s.Ledger)]
		if !ok {
			w = &worst{}
			kinds[other] = w
		}
		w.owned++
		w.relay = max(w.relay, s.Version-s.Relayed)
		w.mail = max(w.mail, s.Mail)
		w.mailbox = max(w.mailbox, int64(s.Waiting))
	}
	for kind, w := range kinds {
		for desc, v := range map[*prometheus.Desc]int64{l.owned: w.owned, l.relay: w.relay, l.mail: w.mail, l.mailbox: w.mailbox} {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(v), kind)
		}
	}
}
