package httpapi

import (
	"strings"
	"time"
	"unicode/utf8"

	"inventory/app"
	"inventory/app/letters"
	"inventory/domain/letter"
)

// letterEntry is a dead letter as it stands.
type letterEntry struct {
	ID           string       `json:"id" format:"uuid" doc:"The same wherever and however often it was buried."`
	Topic        string       `json:"topic" doc:"Of the record that died."`
	Partition    int32        `json:"partition" doc:"Where the letter lies in the topic of dead letters."`
	Offset       int64        `json:"offset"`
	BuriedAt     string       `json:"buried_at" format:"date-time"`
	Times        int          `json:"times" doc:"How often it was buried."`
	Origin       letterOrigin `json:"origin"`
	Key          string       `json:"key" doc:"Mostly the order's id; bytes that are no UTF-8 are replaced."`
	Size         int          `json:"size" doc:"Of its value, in bytes."`
	Schema       *int64       `json:"schema,omitzero" nullable:"false" doc:"Id on the registry of the schema it was written with. Absent: not in the wire format."`
	Code         string       `json:"code" doc:"Why it died, for programs."`
	Error        string       `json:"error" doc:"Why it died, for people."`
	Attempts     int          `json:"attempts,omitzero" doc:"Absent: not known."`
	FirstFailure string       `json:"first_failure,omitzero" format:"date-time"`
	LastFailure  string       `json:"last_failure,omitzero" format:"date-time"`
	Trace        string       `json:"trace,omitzero" doc:"W3C traceparent."`
	Version      string       `json:"version,omitzero" doc:"Of the service that buried it."`
	EditOf       string       `json:"edit_of,omitzero" format:"uuid" doc:"The letter that this one is an edited copy of."`
	Group        string       `json:"group" doc:"Id of what it has in common with others."`
	State        string       `json:"state" doc:"open, applied, duplicate, superseded, discarded or edited; more may come."`
	Job          string       `json:"job,omitzero" format:"uuid" doc:"That has it now."`
	Failures     int          `json:"failures" doc:"Jobs in which it failed."`
	Fate         *letterFate  `json:"fate,omitzero" doc:"What the last job found."`
	Act          *letterAct   `json:"act,omitzero" doc:"What a person did with it last."`
}

// letterOrigin is where a record was before it died.
type letterOrigin struct {
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset" doc:"-1: it was nowhere, but imported or made by an edit."`
	Timestamp string `json:"timestamp,omitzero" format:"date-time" doc:"The record's."`
	Group     string `json:"group,omitzero" doc:"The consumer group that could not handle it."`
	Handler   string `json:"handler,omitzero"`
}

// letterFate is what a job found for a letter.
type letterFate struct {
	Letter  string `json:"letter" format:"uuid"`
	Job     string `json:"job" format:"uuid"`
	Outcome string `json:"outcome" doc:"applied, duplicate, superseded or failed; more may come."`
	Code    string `json:"code,omitzero" doc:"Of a failure."`
	Says    string `json:"says,omitzero" doc:"For people."`
	OrderID string `json:"order_id,omitzero"`
	At      string `json:"at" format:"date-time"`
}

// letterAct is what a person did with a letter.
type letterAct struct {
	Kind   string `json:"kind" doc:"discarded, restored or edited; more may come."`
	By     string `json:"by"`
	Reason string `json:"reason,omitzero"`
	At     string `json:"at" format:"date-time"`
	Edit   string `json:"edit,omitzero" format:"uuid" doc:"The letter that stands for it."`
}

// letterVerdict is what a letter would do now.
type letterVerdict struct {
	Outcome string       `json:"outcome" doc:"applied, duplicate, superseded or failed; more may come."`
	Code    string       `json:"code,omitzero" doc:"Of a failure."`
	Says    string       `json:"says,omitzero" doc:"For people."`
	OrderID string       `json:"order_id,omitzero"`
	Status  string       `json:"status,omitzero" doc:"Of the order after it."`
	Moves   []letterMove `json:"moves" nullable:"false" doc:"How stock would change."`
}

// letterMove is how stock of a SKU in a warehouse would change.
type letterMove struct {
	SKU         string    `json:"sku"`
	WarehouseID string    `json:"warehouse_id"`
	Before      unitsTold `json:"before"`
	After       unitsTold `json:"after"`
}

func newLetterEntries(list []letter.Entry) []letterEntry {
	told := make([]letterEntry, 0, len(list))
	for i := range list {
		told = append(told, newLetterEntry(&list[i]))
	}
	return told
}

func newLetterEntry(e *letter.Entry) letterEntry {
	told := letterEntry{
		ID: e.ID.String(), Topic: e.Topic, Partition: e.Partition, Offset: e.Offset, BuriedAt: instant(e.BuriedAt), Times: e.Times,
		Origin: newLetterOrigin(e.Origin), Key: strings.ToValidUTF8(e.Key, "\uFFFD"), Size: e.Size,
		Code: e.Code, Error: strings.ToValidUTF8(e.Error, "\uFFFD"), Attempts: e.Attempts, FirstFailure: momentOf(e.FirstFailure), LastFailure: momentOf(e.LastFailure),
		Trace: e.Trace, Version: e.Version, EditOf: uuidOf(e.EditOf), Group: e.Group.ID(), State: e.State, Job: uuidOf(e.Job), Failures: e.Failures,
	}
	if e.Schema != letter.NoSchema {
		told.Schema = &e.Schema
	}
	if e.Fate != nil {
		told.Fate = new(newLetterFate(e.Fate))
	}
	if a := e.Act; a != nil {
		told.Act = &letterAct{a.Kind, a.By, a.Why, instant(a.At), uuidOf(a.Edit)}
	}
	return told
}

func newLetterOrigin(o letter.Origin) letterOrigin {
	return letterOrigin{o.Partition, o.Offset, momentOf(o.Timestamp), o.Group, o.Handler}
}

func newLetterFates(list []letter.Fate) []letterFate {
	told := make([]letterFate, 0, len(list))
	for i := range list {
		told = append(told, newLetterFate(&list[i]))
	}
	return told
}

func newLetterFate(f *letter.Fate) letterFate {
	return letterFate{f.Letter.String(), f.Job.String(), f.Outcome, f.Code, f.Says, f.Order, instant(f.At)}
}

func newLetterVerdict(v letters.Verdict) letterVerdict {
	return letterVerdict{v.Outcome, v.Code, v.Says, v.Order, v.Status, newLetterMoves(v.Moves)}
}

func newLetterMoves(list []app.Move) []letterMove {
	told := make([]letterMove, 0, len(list))
	for _, m := range list {
		told = append(told, letterMove{string(m.SKU), string(m.WarehouseID), unitsTold{m.OnHandBefore, m.HeldBefore}, unitsTold{m.OnHandAfter, m.HeldAfter}})
	}
	return told
}

// momentOf writes a time; empty for none.
func momentOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return instant(t)
}

// textOf gives bytes as text, where they are UTF-8.
func textOf(b []byte) *string {
	if b == nil || !utf8.Valid(b) {
		return nil
	}
	return new(string(b))
}
