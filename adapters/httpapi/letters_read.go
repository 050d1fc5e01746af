package httpapi

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"inventory/app"
	"inventory/app/letters"
	"inventory/domain/letter"
)

// letterGroups are the causes that letters died of.
type letterGroups struct {
	Groups  []letterGroup `json:"groups" nullable:"false" doc:"The largest first."`
	Letters int           `json:"letters" doc:"Of all groups."`
}

// letterGroup is what letters have in common that died of one cause.
type letterGroup struct {
	Group   string `json:"group" doc:"Its id, the same everywhere."`
	Topic   string `json:"topic"`
	Code    string `json:"code"`
	Schema  *int64 `json:"schema,omitzero" nullable:"false" doc:"Id on the registry. Absent: they are not in the wire format."`
	Shape   string `json:"shape" doc:"The error's text, with … for what differs from letter to letter."`
	Letters int    `json:"letters"`
	First   string `json:"first" format:"date-time" doc:"When the first was buried."`
	Last    string `json:"last" format:"date-time"`
	Sample  string `json:"sample" format:"uuid" doc:"The newest letter."`
	Class   string `json:"class,omitzero" doc:"Whose matter the code is: transient, poisonous or business. Absent: the code is not in the catalogue."`
	Runbook string `json:"runbook,omitzero" doc:"The page that says what to do, from the repository's root."`
}

func (a *API) letterGroups(ctx context.Context, c *call) (reply, error) {
	chosen := c.filter()
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.options.Letters.Groups(ctx, chosen)
	if err != nil {
		return reply{}, err
	}
	return ok(newLetterGroups(found))
}

func newLetterGroups(found []letter.GroupStanding) letterGroups {
	told := letterGroups{Groups: make([]letterGroup, 0, len(found))}
	for _, g := range found {
		one := letterGroup{
			Group: g.ID(), Topic: g.Topic, Code: g.Code, Shape: g.Shape, Letters: g.Letters,
			First: instant(g.First), Last: instant(g.Last), Sample: g.Sample.String(),
		}
		if g.Schema != letter.NoSchema {
			one.Schema = new(g.Schema)
		}
		if code, known := app.LetterCodeOf(g.Code); known {
			one.Class, one.Runbook = string(code.Class), code.Runbook()
		}
		told.Groups = append(told.Groups, one)
		told.Letters += g.Letters
	}
	return told
}

// letterList is a part of a list of letters.
type letterList struct {
	Letters []letterEntry `json:"letters" nullable:"false" doc:"Oldest first; those of a key in the order in which they were to be handled."`
	Total   int           `json:"total" doc:"Letters that are chosen, on all pages."`
	Next    string        `json:"next,omitzero" format:"uuid" doc:"What to give as after for the next page. Absent: this is the last one."`
}

func (a *API) listLetters(ctx context.Context, c *call) (reply, error) {
	chosen, page := c.filter(), c.page()
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.options.Letters.List(ctx, chosen, page)
	if err != nil {
		return reply{}, err
	}
	told := letterList{Letters: newLetterEntries(found.Letters), Total: found.Total}
	if n := len(found.Letters); found.More && n > 0 {
		told.Next = found.Letters[n-1].ID.String()
	}
	return ok(told)
}

// letterShown is all that is known of a letter.
type letterShown struct {
	Letter      letterEntry     `json:"letter"`
	KeyBase64   *string         `json:"key_base64,omitzero" nullable:"false" doc:"The record's key as it is. Absent: it has none."`
	ValueBase64 *string         `json:"value_base64,omitzero" nullable:"false" doc:"The record's value as it is. Absent: it has none."`
	ValueText   *string         `json:"value_text,omitzero" nullable:"false" doc:"The same as text, where it is UTF-8."`
	Headers     []letterHeader  `json:"headers" nullable:"false" doc:"The record's, without those that say why it died."`
	Event       json.RawMessage `json:"event,omitempty" doc:"The value as its writer's schema has it. Absent: it can't be decoded."`
	Undecoded   string          `json:"undecoded,omitzero" doc:"Why it can't be decoded."`
	Story       *orderStory     `json:"story,omitzero" doc:"Of the order that it is about. Absent: there is none."`
	NoStory     string          `json:"no_story,omitzero" doc:"Why there is none."`
	Would       letterVerdict   `json:"would" doc:"What it would do now."`
	Fates       []letterFate    `json:"fates" nullable:"false" doc:"What jobs found for it, oldest first."`
}

// letterHeader is a header of a record.
type letterHeader struct {
	Key         string  `json:"key"`
	Value       *string `json:"value,omitzero" nullable:"true" doc:"As text, where it is UTF-8."`
	ValueBase64 *string `json:"value_base64,omitzero" nullable:"true" doc:"As it is; counts before the text."`
}

func (a *API) showLetter(ctx context.Context, c *call) (reply, error) {
	id := c.id("letter_id")
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.options.Letters.Show(ctx, id)
	if err != nil {
		return reply{}, err
	}
	return ok(newLetterShown(&found))
}

func newLetterShown(s *letters.Shown) letterShown {
	told := letterShown{
		Letter: newLetterEntry(&s.Entry), ValueBase64: base64Of(s.Letter.Value), ValueText: textOf(s.Letter.Value),
		Headers: newLetterHeaders(s.Letter.Headers), Event: s.Event, Would: newLetterVerdict(s.Would), Fates: newLetterFates(s.Fates),
	}
	if s.Letter.HasKey {
		told.KeyBase64 = base64Of([]byte(s.Letter.Key))
	}
	if s.Undecoded != nil {
		told.Undecoded = said(s.Undecoded)
	}
	if s.Story.Order != nil {
		told.Story = newOrderStory(s.Story.Order)
	} else if s.NoStory != nil {
		told.NoStory = said(s.NoStory)
	}
	return told
}

func newLetterHeaders(list []letter.Header) []letterHeader {
	told := make([]letterHeader, 0, len(list))
	for _, h := range list {
		one := letterHeader{Key: h.Key, Value: textOf(h.Value)}
		if one.Value == nil {
			one.ValueBase64 = base64Of(h.Value)
		}
		told = append(told, one)
	}
	return told
}

func base64Of(b []byte) *string {
	if b == nil {
		return nil
	}
	return new(base64.StdEncoding.EncodeToString(b))
}

// letterAudits are the records of what people and jobs did.
type letterAudits struct {
	Audits []letterAudit `json:"audits" nullable:"false" doc:"Oldest first."`
}

// letterAudit is the record of an act, which is never changed.
type letterAudit struct {
	ID      string `json:"id" format:"uuid"`
	At      string `json:"at" format:"date-time"`
	Kind    string `json:"kind" doc:"replay, cancel, discard, restore, edit, import or job ended; more may come."`
	By      string `json:"by"`
	Reason  string `json:"reason,omitzero"`
	What    string `json:"what" doc:"Which letters, for people."`
	Job     string `json:"job,omitzero" format:"uuid"`
	Letters int    `json:"letters" doc:"How many."`
}

func (a *API) letterAudits(ctx context.Context, c *call) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.options.Letters.Audits(ctx)
	if err != nil {
		return reply{}, err
	}
	told := letterAudits{Audits: make([]letterAudit, 0, len(found))}
	for _, r := range found {
		told.Audits = append(told.Audits, letterAudit{r.ID.String(), instant(r.At), r.Kind, r.By, r.Why, r.What, uuidOf(r.Job), r.Letters})
	}
	return ok(told)
}
