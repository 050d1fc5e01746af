package httpapi

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"inventory/domain/letter"
	"inventory/ports"
)

func actorParam() *huma.Param {
	return headerParam(actorHeader, "Who acts: 1 to 128 printable ASCII characters without spaces.", "anna")
}

func letterParam() *huma.Param {
	return pathParam("letter_id", "The letter's id, a UUID.", exampleLetterID)
}

func jobParam() *huma.Param { return pathParam("job_id", "The job's id, a UUID.", exampleJobID) }

var (
	errExampleLetter = fmt.Errorf("%w %s", letter.ErrUnknownLetter, exampleLetterID)
	errExampleJob    = fmt.Errorf("%w %s", letter.ErrUnknownJob, exampleJobID)
)

// declareLetters lists what tells of letters.
func (a *API) declareLetters() []*operation {
	return []*operation{
		{
			id: "listLetterGroups", method: http.MethodGet, path: "/admin/dlq/groups", tag: lettersTag, asks: store, run: a.letterGroups,
			summary: "List the causes that letters died of",
			about:   "Letters of one topic, code and schema whose errors read alike are a group. It has how many there are, since when, a sample, and the runbook of the code. Without a state only open letters count.",
			params:  filterParams(),
			answers: []answer{{http.StatusOK, "The groups.", exampleLetterGroups}},
		},
		{
			id: "listLetters", method: http.MethodGet, path: "/admin/dlq/letters", tag: lettersTag, asks: store, run: a.listLetters,
			summary: "List dead letters",
			about:   "Oldest first, a page at a time, without their bytes. Without a state only open ones are listed.",
			params:  slices.Concat(filterParams(), pageParams()),
			answers: []answer{{http.StatusOK, "A page of them.", exampleLetterList}},
		},
		{
			id: "showLetter", method: http.MethodGet, path: "/admin/dlq/letters/{letter_id}", tag: lettersTag, asks: ledgers, run: a.showLetter,
			summary:  "Read all that is known of a letter",
			about:    "Its bytes, its event where it can be decoded, why it died, the story of the order that it is about, what jobs found for it, and what it would do now. Nothing is changed.",
			params:   []*huma.Param{letterParam()},
			answers:  []answer{{http.StatusOK, "The letter.", exampleLetterShown}},
			refusals: []error{errExampleLetter},
		},
		{
			id: "listLetterAudits", method: http.MethodGet, path: "/admin/dlq/audit", tag: lettersTag, asks: store, run: a.letterAudits,
			summary: "List who did what with letters, when and why",
			about:   "Each replay, cancellation, discard, restore, edit and import, and each end of a job, is recorded for good.",
			answers: []answer{{http.StatusOK, "The records.", exampleLetterAudits}},
		},
		{
			id: "exportLetters", method: http.MethodGet, path: "/admin/dlq/export", tag: lettersTag, asks: store, run: a.exportLetters, long: true,
			summary: "Take letters out, with their bytes",
			about:   "A JSON object on each line (NDJSON), written as they are read: an answer that is cut off before its end is not whole. An import takes the same lines.",
			params:  filterParams(),
			answers: []answer{{http.StatusOK, "The letters, a line each.", exampleLetterLine}}, told: true,
		},
		{
			id: "importLetters", method: http.MethodPost, path: "/admin/dlq/import", tag: lettersTag, asks: store, run: a.importLetters, long: true,
			summary: "Put letters in, with their bytes",
			about: "Lines as an export writes them (NDJSON), each at most 4 MiB, of any number. They are read and written one after the other: the first bad line ends it, is named, " +
				"and what came before it stays. A letter that is there is left alone, so that the same file may be imported again.",
			params: []*huma.Param{
				actorParam(),
				queryParam("reason", "Why, for people: at most 512 bytes, no control characters.", exampleWhyAct, false),
			},
			lines:    exampleLetterLine,
			answers:  []answer{{http.StatusOK, "What became of them.", lettersImported{Letters: 41, Known: 1}}},
			refusals: []error{badLetterLine()},
		},
	}
}

func badLetterLine() error {
	return importFault(&badLine{3, []fault{{"topic", "missing"}}}, lettersImportedBefore)
}

// declareReplay lists what is about jobs.
func (a *API) declareReplay() []*operation {
	return []*operation{
		{
			id: "rehearseReplay", method: http.MethodPost, path: "/admin/dlq/rehearsal", tag: lettersTag, asks: ledgers, run: a.rehearse, long: true,
			summary: "Find out what letters would do now",
			about: "Each is decided by the very rules of a replay, one after the other, on a copy of what there is. Nothing is changed. " +
				"Its bounds, given to a job, have that take exactly the letters that were rehearsed.",
			body:    exampleRehearse,
			answers: []answer{{http.StatusOK, "What they would do, each and all together.", exampleRehearsal}},
		},
		{
			id: "replayLetters", method: http.MethodPost, path: "/admin/dlq/jobs", tag: lettersTag, asks: ledgers, run: a.replayLetters,
			summary: "Replay letters",
			about: "A job takes the chosen letters that are open and that no other job has, those of an order in their order. It goes on by itself, in another process if the one that runs it dies. " +
				"What was done before is a duplicate and changes nothing: asking again is safe.",
			params: []*huma.Param{actorParam()}, body: exampleReplay,
			answers: []answer{{http.StatusCreated, "The job.", exampleJob}},
			refusals: []error{
				letter.ErrNoLetters, fmt.Errorf("%w: %s has 12", letter.ErrTaken, exampleJobID), badReplay(),
			},
		},
		{
			id: "listReplays", method: http.MethodGet, path: "/admin/dlq/jobs", tag: lettersTag, asks: store, run: a.listJobs,
			summary: "List the jobs that replay, or replayed, letters",
			about:   "All that there ever were, with how far they are.",
			answers: []answer{{http.StatusOK, "The jobs.", letterJobs{[]letterJob{exampleJob}}}},
		},
		{
			id: "readReplay", method: http.MethodGet, path: "/admin/dlq/jobs/{job_id}", tag: lettersTag, asks: store, run: a.readJob,
			summary: "Read how a job stands",
			about:   "Counts are of letters that have an outcome by now.",
			params:  []*huma.Param{jobParam()}, refusals: []error{errExampleJob},
			answers: []answer{{http.StatusOK, "The job.", exampleJob}},
		},
		{
			id: "reportReplay", method: http.MethodGet, path: "/admin/dlq/jobs/{job_id}/report", tag: lettersTag, asks: store, run: a.reportJob,
			summary: "Read what a job found, letter by letter",
			about:   "Letters that it has not come to are not in it.",
			params:  append([]*huma.Param{jobParam()}, pageParams()...), refusals: []error{errExampleJob},
			answers: []answer{{http.StatusOK, "A page of the report.", exampleReport}},
		},
		{
			id: "cancelReplay", method: http.MethodPost, path: "/admin/dlq/jobs/{job_id}/cancel", tag: lettersTag, asks: store, run: a.cancelJob,
			summary: "End a job early",
			about:   "Letters under way get their outcome; those it has not come to stay open. What was done stays done.",
			params:  []*huma.Param{jobParam(), actorParam()}, body: reasonRequest{&exampleWhyAct},
			answers:  []answer{{http.StatusOK, "The job, which may take a moment to end.", exampleJob}},
			refusals: []error{errExampleJob, fmt.Errorf("job %s: %w", exampleJobID, letter.ErrSettled)},
		},
	}
}

func badReplay() error {
	var f faults
	f.add("body.filter.state", `"opened": expected `+oneOf(letter.States()))
	return f.err()
}

// declareLetterActs lists what people do with letters themselves.
func (a *API) declareLetterActs() []*operation {
	taken := fmt.Errorf("%w: %s has 12", letter.ErrTaken, exampleJobID)
	return []*operation{
		{
			id: "discardLetters", method: http.MethodPost, path: "/admin/dlq/discard", tag: lettersTag, asks: store, run: a.discardLetters,
			summary: "Put letters away that are not wanted any more",
			about:   "They stay where they are, and no job takes them. A restore takes it back.",
			params:  []*huma.Param{actorParam()}, body: exampleDiscard,
			answers:  []answer{{http.StatusOK, "How many letters.", lettersDone{2}}},
			refusals: []error{letter.ErrNoLetters, taken},
		},
		{
			id: "restoreLetters", method: http.MethodPost, path: "/admin/dlq/restore", tag: lettersTag, asks: store, run: a.restoreLetters,
			summary: "Take letters back that were discarded, or that were edited",
			about:   "They are open again. What a job settled is settled for good.",
			params:  []*huma.Param{actorParam()}, body: restoreRequest{exampleChosen, &exampleWhyAct},
			answers:  []answer{{http.StatusOK, "How many letters.", lettersDone{2}}},
			refusals: []error{letter.ErrNoLetters},
		},
		{
			id: "editLetter", method: http.MethodPost, path: "/admin/dlq/letters/{letter_id}/edit", tag: lettersTag, asks: store, run: a.editLetter,
			summary: "Write a letter that stands for another one",
			about:   "The event is checked against the schema before anything is written. The letter stays as it came, is edited, and no job takes it: the new one is replayed.",
			params:  []*huma.Param{letterParam(), actorParam()}, body: exampleEdit,
			answers:  []answer{{http.StatusOK, "The new letter.", exampleEdited}},
			refusals: []error{errExampleLetter, taken, fmt.Errorf("letter %s is applied: %w", exampleLetterID, letter.ErrSettled), fmt.Errorf("%w: items[0].quantity: expected a number", ports.ErrUnreadable)},
		},
	}
}
