package fleet

import (
	"testing"
	"time"

	"inventory/ports"
)

func TestAMemberIsAliveWhileItsBeatMoves(t *testing.T) {
	const suspect = 10 * time.Second
	r := newRoster("me", suspect)
	at := time.Unix(1000, 0)
	see := func(after time.Duration, beats ...int64) []ports.Event {
		at = at.Add(after)
		all := []ports.Member{{ID: "me", Beat: 99}}
		for i, beat := range beats {
			all = append(all, ports.Member{ID: string(rune('a' + i)), Beat: beat})
		}
		return r.note(all, at, at)
	}
	expect := func(what string, living int, sure bool) {
		t.Helper()
		_, isSure, _ := r.member("a")
		if n := len(r.living()); n != living || isSure != sure {
			t.Errorf("%s: %d members live, sure of the first: %v; expected %d, %v", what, n, isSure, living, sure)
		}
	}
	see(0, 1)
	expect("just seen, perhaps a row of one that died long ago", 1, false)
	if e := see(time.Second, 2); len(e) != 1 {
		t.Errorf("its beat moved: told %v", e)
	}
	expect("its beat moved", 1, true)
	see(suspect-time.Second, 2)
	expect("silent for a while", 1, true)
	if e := see(time.Second, 2); len(e) != 1 || e[0].(ports.MemberWent).Left {
		t.Errorf("silent for too long: told %v", e)
	}
	expect("silent for too long", 0, false)
	see(time.Minute, 3)
	expect("it beats again", 1, true)
	if e := see(time.Second); len(e) != 1 || !e[0].(ports.MemberWent).Left {
		t.Errorf("it left: told %v", e)
	}
	expect("it left", 0, false)
}

// What a process does not hear of others while it was paused is no sign of their death.
func TestWhoWasPausedDoesNotThinkThatTheOthersDied(t *testing.T) {
	r := newRoster("me", time.Second)
	at := time.Unix(1000, 0)
	r.note([]ports.Member{{ID: "a", Beat: 1}}, at, at)
	r.note([]ports.Member{{ID: "a", Beat: 2}}, at.Add(time.Millisecond), at.Add(time.Millisecond))
	at = at.Add(time.Hour)
	if n := len(r.living()); n != 1 {
		t.Error("before anything was read the other is given up")
	}
	r.note([]ports.Member{{ID: "a", Beat: 900}}, at, at)
	if n := len(r.living()); n != 1 {
		t.Error("its beat has moved, and it is given up")
	}
}
