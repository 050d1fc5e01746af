package httpapi

import (
	"encoding/json"
	"time"

	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// The examples of dead letters in the document. A test sends those of requests.
var (
	exampleLetterID = ledger.NewUUIDv5(ledger.Namespace, "example letter").String()
	exampleEditID   = ledger.NewUUIDv5(ledger.Namespace, "example edit").String()
	exampleJobID    = ledger.NewUUIDv5(ledger.Namespace, "example job").String()
	exampleTopic    = "order.created.v1"
	exampleCode     = "UNAVAILABLE"
	exampleError    = "the store: connection refused"
	exampleWhyAct   = "the store is back"
	exampleMoment   = time.Date(2026, 3, 2, 8, 15, 30, 250e6, time.UTC)
	exampleOf       = letter.Group{Topic: exampleTopic, Code: exampleCode, Schema: 7, Shape: letter.ShapeOf(exampleError)}
	exampleGroup    = exampleOf.ID()
	exampleEvent    = json.RawMessage(`{"event_id":"e-1","order_id":"ORD-1001","occurred_at":"2026-03-02T08:00:30.250Z","items":[{"sku":"TEE-M-BLACK","quantity":2}]}`)

	exampleLetter = letterEntry{
		ID: exampleLetterID, Topic: exampleTopic, Partition: 3, Offset: 17, BuriedAt: instant(exampleMoment), Times: 1,
		Origin: letterOrigin{3, 4711, "2026-03-02T08:00:30.250Z", "inventory", exampleTopic}, Key: exampleID, Size: 96, Schema: new(int64(7)),
		Code: exampleCode, Error: exampleError, Attempts: 58, FirstFailure: "2026-03-02T07:15:30.250Z", LastFailure: instant(exampleMoment),
		Version: "1.4.0", Group: exampleGroup, State: letter.Open,
	}
	exampleEdited       = exampleEditedLetter()
	exampleLetterGroups = newLetterGroups([]letter.GroupStanding{{
		Group: exampleOf, Letters: 42, First: exampleMoment.Add(-time.Hour), Last: exampleMoment, Sample: ledger.NewUUIDv5(ledger.Namespace, "example letter"),
	}})
	exampleLetterList = letterList{Letters: []letterEntry{exampleLetter}, Total: 42, Next: exampleLetterID}
	exampleWould      = letterVerdict{
		Outcome: letter.Applied, OrderID: exampleID, Status: "HELD",
		Moves: []letterMove{{"TEE-M-BLACK", "HCM", unitsTold{36, 0}, unitsTold{36, 2}}},
	}
	exampleLetterShown = letterShown{
		Letter: exampleLetter, KeyBase64: base64Of([]byte(exampleID)), ValueBase64: base64Of([]byte("\x00\x00\x00\x00\x07")), ValueText: new("\x00\x00\x00\x00\x07"),
		Headers: []letterHeader{}, Event: exampleEvent, NoStory: "unknown order", Would: exampleWould, Fates: []letterFate{},
	}
	exampleLetterAudits = letterAudits{[]letterAudit{{
		ID: exampleJobID, At: instant(exampleMoment), Kind: "replay", By: "anna", Reason: exampleWhyAct, What: "code UNAVAILABLE", Job: exampleJobID, Letters: 42,
	}}}
	exampleLetterLine = letterLine{
		ID: exampleLetterID, Topic: exampleTopic, Key: &exampleID, ValueBase64: base64Of([]byte("\x00\x00\x00\x00\x07")),
		Origin: exampleLetter.Origin, BuriedAt: exampleLetter.BuriedAt, Code: exampleCode, Error: exampleError, Attempts: 58,
	}
	lettersImportedBefore = letters.Imported{Letters: 1, Known: 1}

	exampleChosen    = letterFilterRequest{Code: &exampleCode, Topic: &exampleTopic}
	exampleBounds    = []letterPlaceRequest{{exampleTopic, 3, 18}}
	exampleRehearse  = rehearsalRequest{Filter: exampleChosen, Limit: new(int64(20))}
	exampleRehearsal = rehearsal{
		At: instant(exampleMoment), Total: 42, Sums: []rehearsalSum{{exampleTopic, exampleCode, letter.Applied, "", 42}},
		Moves: []letterMove{{"TEE-M-BLACK", "HCM", unitsTold{36, 0}, unitsTold{36, 30}}}, Taken: []lettersTaken{},
		Bounds: []letterPlace{letterPlace(exampleBounds[0])}, Letters: []rehearsedLetter{{exampleLetter, exampleWould}}, Next: exampleLetterID,
	}
	exampleReplay = replayRequest{Filter: exampleChosen, Bounds: exampleBounds, Rate: new(100.0), StopAfter: new(int64(10)), Reason: &exampleWhyAct}
	exampleJob    = letterJob{
		ID: exampleJobID, State: "running", Filter: letterFilter(exampleChosen), Bounds: []letterPlace{letterPlace(exampleBounds[0])}, Rate: 100, StopAfter: 10,
		By: "anna", Reason: exampleWhyAct, At: instant(exampleMoment), Tally: letterTally{42, 30, 28, 1, 0, 1}, Epoch: 1, Runner: exampleEditID, SeenAt: instant(exampleMoment),
	}
	exampleReport  = jobReport{Job: exampleJobID, Fates: []letterFate{{exampleLetterID, exampleJobID, letter.Applied, "", "held", exampleID, instant(exampleMoment)}}}
	exampleDiscard = discardRequest{Filter: exampleChosen, Reason: "test data"}
	exampleEdit    = editRequest{Event: exampleEvent, Reason: &exampleWhyAct}
)

func exampleEditedLetter() letterEntry {
	made := exampleLetter
	made.ID, made.EditOf, made.Offset = exampleEditID, exampleLetterID, 18
	made.Origin = letterOrigin{Offset: -1}
	return made
}
