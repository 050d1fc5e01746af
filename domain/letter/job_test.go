package letter

import "testing"

func claim(epoch int64, runner, attempt string) Claim {
	return Claim{Job: id("j"), Epoch: epoch, Runner: runner, Attempt: id(attempt), At: sec(10)}
}

// kept is what a log keeps of notes: the newest of each key.
func kept(notes []Note) []Note {
	newest := map[string]int{}
	for i, n := range notes {
		newest[n.Key()] = i
	}
	var all []Note
	for i, n := range notes {
		if newest[n.Key()] == i {
			all = append(all, n)
		}
	}
	return all
}

func TestTheFirstClaimWinsThoughItsWriterClaimsAgain(t *testing.T) {
	log := []Note{replay("j", 1, Filter{}), claim(1, "A", "1"), claim(1, "B", "2"), claim(1, "A", "3")}
	for name, notes := range map[string][]Note{"all": log, "what the log keeps": kept(log)} {
		b := NewBook()
		take(b, notes...)
		j, _ := b.Job(id("j"))
		expect(t, name, j.Runner, "A")
	}
}

func TestProgressCountsThoughItComesBeforeItsClaim(t *testing.T) {
	b := NewBook()
	take(b, Progress{Job: id("j"), Epoch: 2, Runner: "B", Tally: Tally{Letters: 7}, At: sec(20)})
	take(b, Progress{Job: id("j"), Epoch: 2, Runner: "C", Tally: Tally{Letters: 9}, At: sec(30)})
	take(b, claim(2, "B", "2"), claim(1, "A", "1"), claim(2, "C", "3"), replay("j", 1, Filter{}))
	take(b, Progress{Job: id("j"), Epoch: 1, Runner: "A", Tally: Tally{Letters: 8}, At: sec(40)})
	j, _ := b.Job(id("j"))
	expect(t, "epoch, runner, seen, letters", []any{j.Epoch, j.Runner, j.SeenAt, j.Tally.Letters}, []any{2, "B", sec(20), 7})
	take(b, claim(3, "C", "4"))
	j, _ = b.Job(id("j"))
	expect(t, "after a new claim", []any{j.Runner, j.SeenAt, j.Tally.Letters}, []any{"C", sec(10), 0})
}

func TestAJobThatHasEndedHasNothingLeft(t *testing.T) {
	b := bookOf(dead("a", "k", 1))
	take(b, replay("j", 1, Filter{}))
	expect(t, "left", names(b.Left(id("j")), "a"), []string{"a"})
	expect(t, "taken", b.Taken(Filter{})[id("j")], 1)
	take(b, Cancel{Job: id("j"), By: "anna"}, JobEnd{Job: id("j"), Ending: Cancelled, Tally: Tally{Letters: 1}, At: sec(9)})
	j, ok := b.Job(id("j"))
	if !ok || j.Running() || j.End.Ending != Cancelled || j.Cancel.By != "anna" || j.Tally.Letters != 1 {
		t.Errorf("got %+v", j)
	}
	expect(t, "left", len(b.Left(id("j"))), 0)
	expect(t, "taken", len(b.Taken(Filter{})), 0)
	expect(t, "state", stateOfA(t, b), Open)
	if _, ok := b.Job(id("nobody")); ok {
		t.Error("a job that nobody made")
	}
}

func TestALetterThatFailedIsForJobsMadeAfterwards(t *testing.T) {
	b := bookOf(dead("a", "k", 1))
	take(b, replay("first", 10, Filter{}), replay("overlapping", 15, Filter{}), fate("a", "first", Failed, 20), replay("later", 30, Filter{}))
	for job, want := range map[string][]string{"first": {}, "overlapping": {}, "later": {"a"}} {
		expect(t, job, names(b.Left(id(job)), "a"), want)
	}
	e, _ := b.Letter(id("a"))
	expect(t, "job, failures", []any{e.Job, e.Failures}, []any{id("later"), 1})
}

func TestWhoLetsALetterGoDoesNotGiveItToAJobMadeBefore(t *testing.T) {
	b := bookOf(dead("a", "k", 1))
	take(b, replay("1", 1, Filter{}), replay("2", 3, Filter{}), replay("3", 10, Filter{}))
	take(b, fate("a", "1", Failed, 5), JobEnd{Job: id("1"), At: sec(5)}, JobEnd{Job: id("2"), At: sec(20)})
	// The second never had it, so its end is nothing to the third.
	expect(t, "left", names(b.Left(id("3")), "a"), []string{"a"})
}

func TestWhatAProcessSaysAfterTheEndOfItsJobHoldsNothingUp(t *testing.T) {
	b := bookOf(dead("a", "k", 1))
	take(b, replay("other", 1, Filter{Key: "l"}), replay("1", 2, Filter{}), JobEnd{Job: id("1"), At: sec(5)}, replay("2", 10, Filter{}))
	take(b, fate("a", "1", Failed, 20))
	expect(t, "left", names(b.Left(id("2")), "a"), []string{"a"})
}

func TestTheOlderJobHasALetterWhicheverNoteComesFirst(t *testing.T) {
	b := bookOf(dead("a", "k", 1))
	take(b, replay("young", 2, Filter{}), replay("old", 1, Filter{}), replay("young", 2, Filter{}))
	expect(t, "left", names(b.Left(id("old")), "a"), []string{"a"})
	expect(t, "left", len(b.Left(id("young"))), 0)
	expect(t, "jobs", len(b.Jobs()), 2)
	expect(t, "the first", b.Jobs()[0].ID, id("old"))
}

func TestAJobHasLettersThatFitItBelowItsBounds(t *testing.T) {
	b := bookOf(dead("a", "k", 1), dead("b", "k", 999), dead("c", "k", 1000), dead("d", "other", 2))
	take(b, replay("j", 1, Filter{Key: "k"}))
	expect(t, "left", names(b.Left(id("j")), "a", "b", "c", "d"), []string{"a", "b"})
}

func TestAJobMadeAtTheBooksMomentComesAfterAllThatJobsHaveDone(t *testing.T) {
	b := bookOf(dead("a", "k", 1))
	take(b, replay("1", 10, Filter{}), fate("a", "1", Failed, 20))
	at := b.Moment(sec(12)) // by a clock that is behind
	take(b, Job{ID: id("2"), Bounds: []Place{{"orders", 0, 5}}, At: at})
	expect(t, "left", names(b.Left(id("2")), "a"), []string{"a"})
	expect(t, "by a clock that is not behind", b.Moment(sec(50)), sec(50))
}

func TestAReportIsReadInParts(t *testing.T) {
	b := bookOf(dead("c", "k", 3), dead("a", "l", 1), dead("b", "m", 2), dead("d", "m", 4))
	take(b, replay("j", 1, Filter{}), fate("a", "j", Applied, 2), fate("b", "j", Failed, 3), fate("c", "j", Duplicate, 4))
	part, more := b.Report(id("j"), [16]byte{}, 0)
	expect(t, "nothing", []any{len(part), more}, []any{0, true})
	part, more = b.Report(id("j"), [16]byte{}, 2)
	if len(part) != 2 || !more || part[0].Letter != id("a") || part[1].Letter != id("b") {
		t.Errorf("got %+v, %t", part, more)
	}
	part, more = b.Report(id("j"), id("b"), 2)
	if len(part) != 1 || more || part[0].Letter != id("c") {
		t.Errorf("got %+v, %t", part, more)
	}
}
