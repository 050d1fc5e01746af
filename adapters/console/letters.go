package console

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"inventory/app"
	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
)

const (
	lettersShown = 50
	auditsShown  = 20
)

type lettersTold struct {
	Groups []letter.GroupStanding
	Jobs   []letter.JobStanding // newest first
	Audits []letter.Audit       // newest first
}

func (c *Console) letters(r *http.Request) (view, error) {
	var told lettersTold
	var err error
	if told.Groups, err = c.desk.Groups(r.Context(), letter.Filter{}); err != nil {
		return view{}, err
	}
	if told.Jobs, err = c.desk.Jobs(r.Context()); err != nil {
		return view{}, err
	}
	if told.Audits, err = c.desk.Audits(r.Context()); err != nil {
		return view{}, err
	}
	slices.Reverse(told.Jobs)
	slices.Reverse(told.Audits)
	told.Audits = told.Audits[:min(len(told.Audits), auditsShown)]
	return view{page: "letters", title: "Dead letters", active: "Dead letters", data: told, refresh: 5 * time.Second}, nil
}

// groupTold is a group of letters, and what a replay of it would do now.
type groupTold struct {
	letter.GroupStanding
	Code     app.LetterCode
	Foretold letters.Rehearsed
}

func (c *Console) group(r *http.Request) (view, error) {
	g, err := c.groupOf(r)
	if err != nil {
		return view{}, err
	}
	told := groupTold{GroupStanding: g}
	told.Code, _ = app.LetterCodeOf(g.Code)
	told.Foretold, err = c.desk.Rehearse(r.Context(), letter.Filter{Group: g.ID()}, letters.Page{Limit: lettersShown})
	return view{page: "group", title: g.Code + " in " + g.Topic, active: "Dead letters", data: told}, err
}

// groupOf finds the group that the path names.
func (c *Console) groupOf(r *http.Request) (letter.GroupStanding, error) {
	id := r.PathValue("group")
	groups, err := c.desk.Groups(r.Context(), letter.Filter{Group: id})
	if err == nil && len(groups) == 0 {
		err = &refusal{http.StatusNotFound, "no open letter is in the group " + id + ": they were replayed or discarded, or never were"}
	}
	if err != nil {
		return letter.GroupStanding{}, err
	}
	return groups[0], nil
}

// letterTold is a letter, whole.
type letterTold struct {
	letters.Shown
	Code app.LetterCode
}

func (c *Console) letter(r *http.Request) (view, error) {
	id, err := idOf(r, "letter")
	if err != nil {
		return view{}, err
	}
	shown, err := c.desk.Show(r.Context(), id)
	told := letterTold{Shown: shown}
	told.Code, _ = app.LetterCodeOf(shown.Entry.Code)
	return view{page: "letter", title: "Letter " + id.String(), active: "Dead letters", data: told}, err
}

// jobTold is a job, and what it found for its letters.
type jobTold struct {
	letter.JobStanding
	Fates []letter.Fate
	More  bool
}

func (c *Console) job(r *http.Request) (view, error) {
	id, err := idOf(r, "job")
	if err != nil {
		return view{}, err
	}
	var told jobTold
	if told.JobStanding, err = c.desk.Job(r.Context(), id); err != nil {
		return view{}, err
	}
	told.Fates, told.More, err = c.desk.Report(r.Context(), id, letters.Page{Limit: lettersShown})
	v := view{page: "job", title: "Job " + id.String(), active: "Dead letters", data: told}
	if told.Running() {
		v.refresh = 2 * time.Second
	}
	return v, err
}

// idOf reads an id of the path.
func idOf(r *http.Request, name string) (ledger.UUID, error) {
	id, err := ledger.ParseUUID(r.PathValue(name))
	if err != nil {
		return id, &refusal{http.StatusBadRequest, fmt.Sprintf("%s %.80q: %v", name, r.PathValue(name), err)}
	}
	return id, nil
}
