package main

import (
	"errors"
	"strings"

	"inventory/app"
	"inventory/domain/reservation"
	"inventory/ports"
)

// failure is an error as the shell writes it.
type failure struct {
	Code      string     `json:"code"`
	Message   string     `json:"message"`
	Hint      string     `json:"hint,omitempty"`
	Retry     bool       `json:"retry"` // the same command, asked again, may succeed and does nothing twice
	Shortages []shortage `json:"shortages,omitempty"`
}

// shortage is a line of an order that there is not enough for, in units.
type shortage struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id,omitempty"`
	Requested   int64  `json:"requested"`
	Available   int64  `json:"available"`
}

func newFailure(err error) *failure {
	code, _, hint := codeOf(err)
	f := &failure{Code: code, Message: message(err), Hint: hint, Retry: app.Retryable(err)}
	if short, ok := errors.AsType[*reservation.InsufficientError](err); ok {
		for _, s := range short.Shortages {
			f.Shortages = append(f.Shortages, shortage{string(s.SKU), string(s.Warehouse), s.Requested, s.Available})
		}
	}
	return f
}

// message gives an error in one line: the class of a store's error is for programs.
func message(err error) string { return strings.ReplaceAll(withoutClass(err), "\n", "; ") }

// explain gives an error in words for people, with what to do where that is known.
func explain(err error) string {
	text := withoutClass(err)
	if _, _, hint := codeOf(err); hint != "" {
		text += "\n" + hint
	}
	return strings.ReplaceAll(text, "\n", "\n  ")
}

func withoutClass(err error) string {
	text := err.Error()
	for _, class := range []error{ports.ErrPermanent, ports.ErrTransient} {
		text = strings.ReplaceAll(text, class.Error()+": ", "")
	}
	return text
}
