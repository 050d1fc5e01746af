package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAFieldIsSetByItsPath(t *testing.T) {
	for change, expected := range map[string]string{
		"items[0].quantity=2": `{"items":[{"quantity":2,"sku":"A"}],"n":12345678901234567890}`,
		"region=south":        `{"items":[{"quantity":1,"sku":"A"}],"n":12345678901234567890,"region":"south"}`,
		"items[1]={}":         `{"items":[{"quantity":1,"sku":"A"},{}],"n":12345678901234567890}`,
		"n=null":              `{"items":[{"quantity":1,"sku":"A"}],"n":null}`,
		"items[2]=1":          "", "items[0]quantity=1": "", "items[-1]=1": "", "n.x=1": "", "items": "", "=1": "", "items[x]=1": "", "new.x=1": "",
	} {
		event, err := parseJSON("", []byte(`{"items":[{"sku":"A","quantity":1}],"n":12345678901234567890}`))
		if err != nil {
			t.Fatal(err)
		}
		event, err = setField(event, change)
		if expected == "" {
			if !errors.Is(err, errUsage) {
				t.Errorf("%s: %v", change, err)
			}
			continue
		}
		var out strings.Builder
		if err := errors.Join(err, writeLine(&out, event)); err != nil || out.String() != expected+"\n" {
			t.Errorf("%s: expected %s, found %s %v", change, expected, out.String(), err)
		}
	}
}

func TestHowFarAJobIsIsToldInALine(t *testing.T) {
	f := &follower{from: 10}
	j := letterJob{State: "running", Tally: letterTally{Letters: 100, Done: 60, Applied: 58, Failed: 2}}
	if line := f.line(&j, 10*time.Second); line != "60/100, 5/s: 58 applied, 0 duplicate, 0 superseded, 2 failed; 8s left" {
		t.Error(line)
	}
	if b := bar(j.Tally); b != "["+strings.Repeat("#", 18)+strings.Repeat(".", 12)+"]" {
		t.Error(b)
	}
	j = letterJob{State: "waiting"}
	if line := f.line(&j, time.Second); !strings.HasSuffix(line, "; waiting") || strings.Contains(line, "/s") {
		t.Error(line)
	}
}

func TestWhoStopsFollowingAJobIsToldThatItGoesOn(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	asked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"id":"j-1","state":"running","tally":{"letters":9,"done":1}}`)
		stop(errSignal)
	}))
	defer asked.Close()
	to, err := newClient(asked.URL, "anna", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer to.http.CloseIdleConnections()
	var errs output
	p := &program{stderr: &errs}
	_, err = newFollower(p).follow(ctx, to, letterJob{ID: "j-1"})
	if exitCode(err) != exitSignal || !strings.Contains(err.Error(), "inventory dlq describe j-1") || !strings.Contains(err.Error(), "inventory dlq cancel j-1") {
		t.Error(err)
	}
}

// atTerminal is what somebody types.
type atTerminal struct{ io.Reader }

func (atTerminal) terminal() bool { return true }

func TestAReplayAsksBeforeItDoesAnything(t *testing.T) {
	for typed, made := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yesterday\n": false} {
		jobs := 0
		service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := `{"total":1,"bounds":[{"topic":"t","partition":3,"offset":18}],"letters":[{"letter":{"id":"l-1"},"would":{"outcome":"applied"}}]}`
			if r.URL.Path == "/admin/dlq/jobs" {
				jobs++
				if asked, err := io.ReadAll(r.Body); err != nil || !strings.Contains(string(asked), `"bounds":[{"topic":"t","partition":3,"offset":18}],"rate":5,"stop_after":2,"reason":"why"`) {
					t.Errorf("the bounds of the rehearsal expected, found %s %v", asked, err)
				}
				answer = `{"id":"j-1","state":"completed","ended_at":"2026-03-02T08:15:30Z"}`
			}
			_, _ = io.WriteString(w, answer)
		}))
		var out, errs output
		p := &program{settings: settings{Server: service.URL}, stdin: atTerminal{strings.NewReader(typed)}, stdout: &out, stderr: &errs}
		err := (&dlqReplayCmd{Rate: 5, StopAfter: 2, actFlags: actFlags{Reason: "why"}}).execute(t.Context(), p)
		service.Close()
		if err != nil || (jobs == 1) != made || !strings.Contains(out.String(), "Replay these 1 letter? [y/N]") || strings.Contains(out.String(), "nothing was done") == made {
			t.Errorf("%q: %v, %d jobs\n%s", typed, err, jobs, out.String())
		}
	}
}

func TestWhatSomebodyElseWroteDoesNotSteerTheTerminal(t *testing.T) {
	if s := short("a\x1b[2Jb\nc" + strings.Repeat("x", 100)); strings.Contains(s, "\x1b") || !strings.HasSuffix(s, "…") || len([]rune(s)) != maxShort {
		t.Errorf("%q", s)
	}
}
