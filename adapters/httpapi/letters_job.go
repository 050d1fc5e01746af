package httpapi

import "inventory/domain/letter"

// letterJobs are the jobs that replay, or replayed, letters.
type letterJobs struct {
	Jobs []letterJob `json:"jobs" nullable:"false" doc:"Oldest first."`
}

// letterJob is how a job stands.
type letterJob struct {
	ID        string        `json:"id" format:"uuid"`
	State     string        `json:"state" doc:"waiting for a process, running, cancelling, completed, cancelled or stopped, of which the first three are no end; more may come."`
	Filter    letterFilter  `json:"filter" doc:"Which letters it was made for."`
	Bounds    []letterPlace `json:"bounds" nullable:"false" doc:"It takes the letters before these places."`
	Rate      float64       `json:"rate,omitzero" doc:"Letters a second at most. Absent: no limit."`
	StopAfter int           `json:"stop_after,omitzero" doc:"It stops when this many letters have failed. Absent: never."`
	By        string        `json:"by"`
	Reason    string        `json:"reason,omitzero"`
	At        string        `json:"at" format:"date-time" doc:"When it was asked for."`
	Tally     letterTally   `json:"tally"`
	Epoch     int64         `json:"epoch" doc:"How many processes have taken it up."`
	Runner    string        `json:"runner,omitzero" doc:"Id of the process that works at it, or did last."`
	SeenAt    string        `json:"seen_at,omitzero" format:"date-time" doc:"When that process was last heard of."`
	Cancel    *jobCancel    `json:"cancel,omitzero" doc:"Who wants it to end."`
	EndedAt   string        `json:"ended_at,omitzero" format:"date-time"`
	Ending    string        `json:"ending,omitzero" doc:"How it ended, for people."`
}

// letterTally counts the letters of a job by outcome.
type letterTally struct {
	Letters    int `json:"letters" doc:"In all."`
	Done       int `json:"done" doc:"With an outcome."`
	Applied    int `json:"applied"`
	Duplicate  int `json:"duplicate"`
	Superseded int `json:"superseded"`
	Failed     int `json:"failed"`
}

// jobCancel is the wish that a job ends.
type jobCancel struct {
	By     string `json:"by"`
	Reason string `json:"reason,omitzero"`
	At     string `json:"at" format:"date-time"`
}

// jobReport is what a job found, letter by letter.
type jobReport struct {
	Job   string       `json:"job" format:"uuid"`
	Fates []letterFate `json:"fates" nullable:"false" doc:"Of the letters of the page."`
	Next  string       `json:"next,omitzero" format:"uuid" doc:"What to give as after for the next page. Absent: this is the last one."`
}

func newLetterJob(j *letter.JobStanding) letterJob {
	told := letterJob{
		ID: j.ID.String(), State: stateOf(j), Filter: newLetterFilter(j.Filter), Bounds: newLetterPlaces(j.Bounds),
		Rate: j.Rate, StopAfter: j.StopAfter, By: j.By, Reason: j.Why, At: instant(j.At), Epoch: j.Epoch, Runner: j.Runner, SeenAt: momentOf(j.SeenAt),
		Tally: letterTally{j.Tally.Letters, j.Tally.Done(), j.Tally.Applied, j.Tally.Duplicate, j.Tally.Superseded, j.Tally.Failed},
	}
	if j.Cancel != nil {
		told.Cancel = &jobCancel{j.Cancel.By, j.Cancel.Why, instant(j.Cancel.At)}
	}
	if j.End != nil {
		told.EndedAt, told.Ending = instant(j.End.At), j.End.Says
	}
	return told
}

func stateOf(j *letter.JobStanding) string {
	switch {
	case j.End != nil:
		return j.End.Ending
	case j.Cancel != nil:
		return "cancelling"
	case j.Epoch == 0:
		return "waiting"
	}
	return "running"
}
