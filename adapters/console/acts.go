package console

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"inventory/app/letters"
	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// acting guards what changes something.
func (c *Console) acting(act func(*http.Request, letters.Who) (view, error)) func(*http.Request) (view, error) {
	return func(r *http.Request) (view, error) {
		if !c.options.Acts {
			return view{}, &refusal{http.StatusForbidden, "this console reads only: `inventory serve --console-acts` lets it act, `inventory dlq` does the same from a terminal"}
		}
		if err := r.ParseForm(); err != nil {
			return view{}, &refusal{http.StatusBadRequest, "the form can't be read: " + err.Error()}
		}
		who := letters.Who{By: r.PostForm.Get("by"), Why: r.PostForm.Get("why")}
		if who.By == "" || who.Why == "" {
			return view{}, &refusal{http.StatusBadRequest, "expected who you are and why: both are recorded"}
		}
		return act(r, who)
	}
}

// replay replays the letters that a page foretold, and no others.
func (c *Console) replay(r *http.Request, who letters.Who) (view, error) {
	g, err := c.groupOf(r)
	if err != nil {
		return view{}, err
	}
	req := letters.ReplayRequest{Who: who, Filter: letter.Filter{Group: g.ID()}}
	for _, text := range r.PostForm["bound"] {
		p, err := placeOf(g.Topic, text)
		if err != nil {
			return view{}, err
		}
		req.Bounds = append(req.Bounds, p)
	}
	if len(req.Bounds) == 0 {
		return view{}, &refusal{http.StatusBadRequest, "the form says no bounds: open the group's page again, which says what a replay would do"}
	}
	if rate := r.PostForm.Get("rate"); rate != "" {
		if req.Rate, err = strconv.ParseFloat(rate, 64); err != nil {
			return view{}, &refusal{http.StatusBadRequest, fmt.Sprintf("rate %.40q: expected letters a second", rate)}
		}
	}
	job, err := c.desk.Replay(r.Context(), req)
	return view{elsewhere: pathOf("letters", "jobs", job.ID)}, err
}

// placeOf reads partition:offset.
func placeOf(topic, text string) (letter.Place, error) {
	var partition int32
	var offset int64
	if n, err := fmt.Sscanf(text, "%d:%d", &partition, &offset); n != 2 {
		return letter.Place{}, &refusal{http.StatusBadRequest, errors.Join(fmt.Errorf("bound %.40q: expected partition:offset", text), err).Error()}
	}
	return letter.Place{Topic: topic, Partition: partition, Offset: offset}, nil
}

func (c *Console) discard(r *http.Request, who letters.Who) (view, error) {
	g, err := c.groupOf(r)
	if err != nil {
		return view{}, err
	}
	if said := r.PostForm.Get("letters"); said != strconv.Itoa(g.Letters) {
		return view{}, &refusal{http.StatusConflict, fmt.Sprintf("the group has %d letters now, and not the %.20s that the page showed: look again", g.Letters, said)}
	}
	seen, err := time.Parse(time.RFC3339Nano, r.PostForm.Get("seen")) // letters that came later are not meant
	if err != nil {
		return view{}, &refusal{http.StatusBadRequest, fmt.Sprintf("seen %.40q: expected when the page was made", r.PostForm.Get("seen"))}
	}
	_, err = c.desk.Discard(r.Context(), letter.Filter{Group: g.ID(), Until: seen}, who)
	return view{elsewhere: pathOf("letters")}, err
}

func (c *Console) restore(r *http.Request, who letters.Who) (view, error) {
	id, err := idOf(r, "letter")
	if err != nil {
		return view{}, err
	}
	_, err = c.desk.Restore(r.Context(), letter.Filter{IDs: []ledger.UUID{id}, States: []string{letter.Discarded}}, who)
	return view{elsewhere: pathOf("letters", id)}, err
}

func (c *Console) cancel(r *http.Request, who letters.Who) (view, error) {
	id, err := idOf(r, "job")
	if err != nil {
		return view{}, err
	}
	_, err = c.desk.Cancel(r.Context(), id, who)
	return view{elsewhere: pathOf("letters", "jobs", id)}, err
}
