package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
)

func TestLettersAreChosenByTheQuery(t *testing.T) {
	d := newDesk()
	c := d.at(t)
	query := "id=" + someUUID + "&id=" + exampleLetterID + "&topic=t&group=g&code=c&key=k&order_id=o&schema=-1&from=2026-03-02T08:00:00Z&until=2026-03-02T09:00:00%2B01:00" +
		"&partition=3&first_offset=4&last_offset=5&state=open&state=discarded"
	c.call("GET /admin/dlq/letters?after="+someUUID+"&limit=7&"+query, "").want(200)
	f, p := d.asked[0].(letter.Filter), d.asked[1].(letters.Page)
	told, err := json.Marshal(newLetterFilter(f))
	if err != nil {
		t.Fatal(err)
	}
	expected := `{"id":["` + someUUID + `","` + exampleLetterID + `"],"topic":"t","group":"g","code":"c","key":"k","order_id":"o","schema":-1,` +
		`"from":"2026-03-02T08:00:00.000Z","until":"2026-03-02T08:00:00.000Z","partition":3,"first_offset":4,"last_offset":5,"state":["open","discarded"]}`
	if string(told) != expected || p.Limit != 7 || p.After.String() != someUUID {
		t.Errorf("expected %s\n   found %s %+v", expected, told, p)
	}
	c.call("POST /admin/dlq/rehearsal", `{"filter":`+expected+`,"limit":7,"after":"`+someUUID+`"}`).want(200)
	if again := fmt.Sprintf("%+v", d.asked[2:]); again != fmt.Sprintf("%+v", d.asked[:2]) && !strings.Contains(again, "Limit:7") {
		t.Errorf("a body chooses otherwise than a query: %s", again)
	}
}

func TestAFilterThatMakesNoSenseIsRefusedWithAllItsFaults(t *testing.T) {
	c := newDesk().at(t)
	p := c.call("GET /admin/dlq/letters?id=x&schema=s&from=f&until=u&partition=4294967296&first_offset=z&state=opened&limit=0&after=y&cod=x", "").problem(400, "INVALID")
	if p.places() != "query.cod query.schema query.first_offset query.from query.until query.id query.partition query.state query.after query.limit" {
		t.Error(p.places())
	}
	p = c.call("POST /admin/dlq/jobs", `{"filter":{"id":["x",1],"partition":-1,"state":["opened"],"sku":"s"},"bounds":[{"topic":"t","partition":-1,"offset":0}],"rate":-0.5,"stop_after":-1}`).problem(400, "INVALID")
	if p.places() != "body.filter.id[1] body.filter.sku header.Inventory-Actor body.filter.id body.filter.id body.filter.partition body.filter.state body.bounds[0].partition body.rate body.stop_after" {
		t.Error(p.places())
	}
	for _, body := range []string{`{"filter":[]}`, `{"filter":{"id":"x"}}`, `{}`, `{"filter":{},"rate":"1"}`, `{"filter":{},"rate":1e999}`} {
		c.call("POST /admin/dlq/jobs", body, "Inventory-Actor", "a").problem(400, "INVALID")
	}
}

func TestEveryOperationOnLettersRefusesWhatItDoesNotKnow(t *testing.T) {
	c := newDesk().at(t)
	c.api.options.MaxBody = 64
	for call, body := range requests {
		if !strings.Contains(call, "/dlq/") {
			continue
		}
		c.call(call+"?colour=red", body).want(400)
		if body == "" {
			continue
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, strings.TrimPrefix(call, "POST "), strings.NewReader(body))
		r.Header.Set("Content-Type", "text/plain")
		r.Header.Set("Inventory-Actor", "a")
		c.send(r).problem(415, "UNSUPPORTED_MEDIA_TYPE")
		if !strings.Contains(call, "import") {
			c.call(call, `{"filter":{"code":"`+strings.Repeat("x", 64)+`"}}`).problem(413, "BODY_TOO_LARGE")
		}
	}
}

func TestALetterIsShownWithItsBytes(t *testing.T) {
	d := newDesk()
	got := d.at(t).call("GET /admin/dlq/letters/"+exampleLetterID, "").want(200)
	for _, part := range []string{
		`"value_base64":"AAAAAAf/"`, `"headers":[{"key":"source","value":"checkout"},{"key":"raw","value_base64":"/w=="},{"key":"none"}]`,
		`"undecoded":"`, `"no_story":"unknown order`, `"would":{"outcome":"failed","code":"UNREADABLE"`, `"schema":7`, `"state":"open"`,
	} {
		if !strings.Contains(string(got.body), part) {
			t.Errorf("no %s in %s", part, got.body)
		}
	}
	if strings.Contains(string(got.body), "value_text") || strings.Contains(string(got.body), `"event"`) {
		t.Errorf("bytes are shown as text: %s", got.body)
	}
	told := serve(t, failing{}, Options{Letters: storied{d}}).call("GET /admin/dlq/letters/"+exampleLetterID, "").want(200)
	if !strings.Contains(string(told.body), `"event":`+string(exampleEvent)) || !strings.Contains(string(told.body), `"story":{"reservation_id"`) {
		t.Errorf("%s", told.body)
	}
}

func TestAReplayIsAJobWithTheBoundsOfItsRehearsal(t *testing.T) {
	d := newDesk()
	c := d.at(t)
	var r rehearsal
	if err := json.Unmarshal(c.call("POST /admin/dlq/rehearsal", `{"filter":{"code":"UNAVAILABLE"}}`).want(200).body, &r); err != nil {
		t.Fatal(err)
	}
	if r.Total != 1 || fmt.Sprint(r.Bounds) != "[{order.created.v1 3 18}]" || fmt.Sprint(r.Taken) != "[{"+exampleJobID+" 3}]" || r.Moves[0].After.Held != 2 {
		t.Errorf("%+v", r)
	}
	bounds, err := json.Marshal(r.Bounds)
	if err != nil {
		t.Fatal(err)
	}
	got := c.call("POST /admin/dlq/jobs", `{"filter":{"code":"UNAVAILABLE"},"bounds":`+string(bounds)+`,"rate":0.5,"stop_after":3,"reason":"night"}`, "Inventory-Actor", "anna").want(201)
	asked := d.asked[len(d.asked)-1].(letters.ReplayRequest)
	if asked.By != "anna" || asked.Why != "night" || asked.Rate != 0.5 || asked.StopAfter != 3 || asked.Bounds[0] != (letter.Place{Topic: exampleTopic, Partition: 3, Offset: 18}) {
		t.Errorf("%+v", asked)
	}
	var job letterJob
	if err := json.Unmarshal(got.body, &job); err != nil || job.State != "waiting" || job.Tally.Letters != 1 || got.header.Get("Location") != "/admin/dlq/jobs/"+job.ID {
		t.Fatalf("%v: %s", err, got.body)
	}
	at := "/admin/dlq/jobs/" + job.ID
	d.book.Take(letter.Claim{Job: id(job.ID), Epoch: 1, Runner: "r-1", At: deskAt})
	c.state(at, "running")
	d.book.Take(letter.Fate{Letter: id(exampleLetterID), Job: id(job.ID), Outcome: letter.Applied, Order: exampleID, At: deskAt})
	if body := string(c.call("GET "+at+"/report", "").want(200).body); !strings.Contains(body, `"outcome":"applied","order_id":"ORD-1001"`) || strings.Contains(body, `"next"`) {
		t.Error(body)
	}
	if body := string(c.call("POST "+at+"/cancel", `{"reason":"enough"}`, "Inventory-Actor", "bo").want(200).body); !strings.Contains(body, `"cancel":{"by":"bo","reason":"enough"`) {
		t.Error(body)
	}
	c.state(at, "cancelling")
	d.book.Take(letter.JobEnd{Job: id(job.ID), Ending: letter.Completed, Says: "all", At: deskAt})
	c.state(at, "completed")
	c.call("POST /admin/dlq/jobs", `{"filter":{"code":"UNAVAILABLE"}}`, "Inventory-Actor", "anna").problem(409, "NO_LETTERS")
}

func (c *client) state(path, state string) {
	c.t.Helper()
	if body := string(c.call("GET "+path, "").want(200).body); !strings.Contains(body, `"state":"`+state+`"`) {
		c.t.Errorf("expected %s, found %s", state, body)
	}
}

func TestADiscardNeedsAReasonAndARestoreTakesItBack(t *testing.T) {
	d := newDesk()
	c := d.at(t)
	for _, body := range []string{`{"filter":{}}`, `{"filter":{},"reason":""}`} {
		if p := c.call("POST /admin/dlq/discard", body, "Inventory-Actor", "anna").problem(400, "INVALID"); p.places() != "body.reason" {
			t.Error(p.places())
		}
	}
	c.call("POST /admin/dlq/discard", `{"filter":{},"reason":"test data"}`, "Inventory-Actor", "anna").want(200).wantJSON(`{"letters":1}`)
	if body := string(c.call("GET /admin/dlq/letters?state=discarded", "").want(200).body); !strings.Contains(body, `"act":{"kind":"discarded","by":"anna","reason":"test data"`) {
		t.Error(body)
	}
	c.call("GET /admin/dlq/letters", "").want(200).wantJSON(`{"letters":[],"total":0}`)
	c.call("POST /admin/dlq/restore", `{"filter":{}}`, "Inventory-Actor", "anna").want(200).wantJSON(`{"letters":1}`)
	c.call("GET /admin/dlq/groups", "").want(200).wantJSON(`{"letters":1,"groups":[{"group":"` + exampleGroup + `","topic":"order.created.v1","code":"UNAVAILABLE","schema":7,` +
		`"shape":"the store: connection refused","letters":1,"first":"2026-03-02T08:15:30.250Z","last":"2026-03-02T08:15:30.250Z","sample":"` + exampleLetterID + `","class":"transient","runbook":"docs/runbooks/dlq-UNAVAILABLE.md"}]}`)
}

func TestWhatIsExportedIsImportedAsItWas(t *testing.T) {
	d := newDesk()
	odd := id(someUUID)
	d.bury(letter.Letter{Meta: letter.Meta{ID: odd, Place: letter.Place{Topic: exampleTopic}, Key: "\xff\x00", BuriedAt: deskAt, Origin: letter.Origin{Offset: -1}}, HasKey: true, Value: []byte{}})
	file := string(d.at(t).call("GET /admin/dlq/export", "").want(200).body)
	empty := &desk{book: letter.NewBook(), bytes: map[ledger.UUID]letter.Letter{}}
	c := empty.at(t)
	headers := []string{"Content-Type", linesType, "Inventory-Actor", "anna"}
	c.call("POST /admin/dlq/import?reason=moved", file+"\n\n"+file, headers...).want(200).wantJSON(`{"letters":2,"known":2}`)
	if who := empty.asked[0].(letters.Who); who.By != "anna" || who.Why != "moved" {
		t.Errorf("%+v", who)
	}
	if l := empty.bytes[odd]; l.Key != "\xff\x00" || !l.HasKey || l.Value == nil || len(l.Value) != 0 {
		t.Errorf("bytes that are no text, and an empty value, expected: %+v", l)
	}
	was, is := d.bytes[id(exampleLetterID)], empty.bytes[id(exampleLetterID)]
	was.Partition, was.Offset, was.Schema = 0, 0, 0 // the log's to say
	if fmt.Sprintf("%+v", was) != fmt.Sprintf("%+v", is) {
		t.Errorf("expected %+v\n   found %+v", was, is)
	}
	if again := string(c.call("GET /admin/dlq/export", "").want(200).body); again != file {
		t.Errorf("expected %s\n   found %s", file, again)
	}
}

func TestABadLineIsNamedAndWhatWasWrittenStays(t *testing.T) {
	good := `{"id":"` + someUUID + `","topic":"order.created.v1"}` + "\n"
	for line, says := range map[string]string{
		`{"id":"x","topic":""}`: "line 2: id line 2: topic", `{"id":`: "line 2:", `{"id":"` + exampleLetterID + `","topic":"t","colour":1}`: "line 2:",
		"{\"id\":\"\xff\"}": "line 2:", `{"id":"` + exampleLetterID + `","topic":"t","value_base64":"!"}`: "line 2: value_base64",
		`{"id":"` + exampleLetterID + `","topic":"` + strings.Repeat("x", maxLine) + `"}`: "line 2:",
	} {
		empty := &desk{book: letter.NewBook(), bytes: map[ledger.UUID]letter.Letter{}}
		p := empty.at(t).call("POST /admin/dlq/import", good+line+"\n"+good, "Content-Type", linesType, "Inventory-Actor", "anna").problem(400, "INVALID")
		if !strings.HasPrefix(p.places(), says) || !strings.Contains(p.Errors[len(p.Errors)-1].Message, "1 letters were written") || len(empty.bytes) != 1 {
			t.Errorf("%.60s: %+v", line, p)
		}
	}
}

// A file that is cut off would be taken for a whole one.
func TestAnExportThatFailsIsCutOff(t *testing.T) {
	d := &cutDesk{newDesk()}
	c := serve(t, failing{}, Options{Letters: d})
	address := c.listen(readHeaderTimeout, writeTimeout)
	answer := say(t, address, "GET /admin/dlq/export HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false)
	if strings.HasSuffix(answer, "0\r\n\r\n") || strings.Contains(answer, "Content-Length") || len(c.troubles) != 1 {
		t.Errorf("%s\n%v", answer, c.troubles)
	}
}
