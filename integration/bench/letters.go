package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"inventory/adapters/kafka"
	"inventory/domain/letter"
	"inventory/integration/service"
)

// letterRate is the limit of the replay that is measured with one, in letters a second.
const letterRate = 500

// profiledReplay is how much of the replay without a limit is profiled, where that is asked for.
const profiledReplay = 5 * time.Second

// measureLetters buries letters of ten kinds, and measures how long it takes to group them, to
// find out what they would do, and to replay them with and without a limit, beside a plain copy
// of the same letters to another topic. In the end everything has to add up.
func measureLetters(ctx context.Context, out io.Writer, o options) error {
	s, err := openFleetSite(ctx, o, 1)
	if err != nil {
		return err
	}
	return errors.Join(s.measureLetters(ctx, out), s.close())
}

func (s *fleetSite) measureLetters(ctx context.Context, out io.Writer) error {
	fmt.Fprintf(out, "%d letters of %d kinds\n\n", s.o.letters, len(letterKinds))
	if err := s.bury(ctx); err != nil {
		return err
	}
	groups, err := timed(func() error { return s.checkGroups(ctx) })
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-44s %12s\n", "grouped, the first time", groups.Round(time.Millisecond))
	rehearsed, err := timed(func() error {
		return s.ask(ctx, 0, http.MethodPost, "/admin/dlq/rehearsal", nil, map[string]any{"filter": map[string]any{}, "limit": 1})
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%-44s %12s\n", "rehearsed", rehearsed.Round(time.Millisecond))
	copied, err := s.copyRate(ctx)
	if err != nil {
		return err
	}
	slow, err := s.replay(ctx, letterKinds[0].code, letterRate)
	if err != nil {
		return err
	}
	stopProfile, err := s.profile("replay", profiledReplay)
	if err != nil {
		return err
	}
	fast, err := s.replay(ctx, "", 0)
	if err := errors.Join(err, stopProfile()); err != nil {
		return err
	}
	fmt.Fprintf(out, "%-44s %12.0f letters/s, %+.1f%%\n", fmt.Sprintf("replayed at %d letters/s at most", letterRate), slow, 100*(slow/letterRate-1))
	fmt.Fprintf(out, "%-44s %12.0f letters/s\n", "replayed without a limit", fast)
	fmt.Fprintf(out, "%-44s %12.0f letters/s, ratio %.2fx\n", "consumed and produced by a plain copy", copied, fast/copied)
	return s.checkReplayed(ctx)
}

func timed(do func() error) (time.Duration, error) {
	began := time.Now()
	err := do()
	return time.Since(began), err
}

// letterKind is a kind of letters: what they died of, and what becomes of them now.
type letterKind struct {
	code, error string
	topic       string
	value       func(s *fleetSite, id string) ([]byte, error)
	outcome     string
}

// bury writes the letters, each kind in turn.
func (s *fleetSite) bury(ctx context.Context) error {
	log, err := kafka.NewLetterLog(s.events.kafka)
	if err != nil {
		return err
	}
	const together = 5000
	now := time.Now()
	var letters []letter.Letter
	for n := range s.o.letters {
		l, err := s.letter(n, now)
		if err != nil {
			return errors.Join(err, log.Close())
		}
		if letters = append(letters, l); len(letters) == together || n == s.o.letters-1 {
			if err := log.Append(ctx, letters); err != nil {
				return errors.Join(err, log.Close())
			}
			letters = letters[:0]
		}
	}
	return log.Close()
}

// checkGroups proves that each kind is one group.
func (s *fleetSite) checkGroups(ctx context.Context) error {
	var told struct {
		Letters int
		Groups  []struct{ Code string }
	}
	if err := s.read(ctx, "/admin/dlq/groups", &told); err != nil {
		return err
	}
	if told.Letters != s.o.letters || len(told.Groups) != len(letterKinds) {
		return fmt.Errorf("%d letters in %d groups, expected %d in %d", told.Letters, len(told.Groups), s.o.letters, len(letterKinds))
	}
	return nil
}

func (s *fleetSite) read(ctx context.Context, path string, into any) error {
	a, err := s.clients[0].Ask(ctx, http.MethodGet, path, nil, nil)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, a)
	}
	if err == nil {
		err = a.Into(into)
	}
	return err
}

// letterJob is what is read of a job.
type letterJob struct {
	ID      string
	State   string
	EndedAt time.Time `json:"ended_at"`
	Tally   struct{ Letters, Done, Applied, Duplicate, Superseded, Failed int }
}

// replay replays all open letters of a code, of all where it is empty, and gives their rate
// until each has its outcome.
func (s *fleetSite) replay(ctx context.Context, code string, rate float64) (float64, error) {
	filter := map[string]any{}
	if code != "" {
		filter["code"] = code
	}
	body := map[string]any{"filter": filter}
	if rate > 0 {
		body["rate"] = rate
	}
	began := time.Now()
	a, err := s.clients[0].Ask(ctx, http.MethodPost, "/admin/dlq/jobs", service.Header{"Inventory-Actor": "bench"}, body)
	if err == nil && a.Status != http.StatusCreated {
		err = fmt.Errorf("replay: %s", a)
	}
	var j letterJob
	if err == nil {
		err = a.Into(&j)
	}
	if err != nil {
		return 0, err
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for j.EndedAt.IsZero() {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-ticker.C:
		}
		if err := s.read(ctx, "/admin/dlq/jobs/"+j.ID, &j); err != nil {
			return 0, err
		}
	}
	took := time.Since(began)
	if j.State != letter.Completed || j.Tally.Done != j.Tally.Letters || j.Tally.Done == 0 {
		return 0, fmt.Errorf("the job ended so: %+v", j)
	}
	s.replayed += j.Tally.Done
	return float64(j.Tally.Done) / took.Seconds(), nil
}
