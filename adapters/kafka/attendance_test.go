package kafka

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestATopicThatNobodyReadsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a attendance
		a.expect("t")
		told := func(want string) {
			t.Helper()
			if got := strings.Join(a.list(time.Now()), ";"); !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("expected %q, found %q", want, got)
			}
		}
		told("t: not read yet: joining")
		a.note("t", true)
		<-time.After(2 * time.Second)
		told("")
		a.note("t", false) // a rebalance
		<-time.After(5 * time.Second)
		told("")
		a.note("t", true)
		<-time.After(time.Hour)
		told("")
		a.note("t", false)
		a.failed(errors.New("offset out of range\nand more"))
		for range 100 { // sessions that end as soon as they begin
			a.note("t", true)
			<-time.After(100 * time.Millisecond)
			a.note("t", false)
			<-time.After(100 * time.Millisecond)
		}
		told("t: not read for 20s: offset out of range")
	})
}
