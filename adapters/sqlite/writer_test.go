package sqlite

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inventory/ports"
	"inventory/ports/porttest"
)

func TestOneFailureInAGroupUndoesOnlyItself(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	head := s.mustTakeOver(t)
	broken := func(s *session) error { // half of it is done when it fails
		if err := s.run(sqlFixSetting, "half", "1"); err != nil {
			return err
		}
		return s.run(sqlInsertEntry, string(id), nil, nil, nil)
	}
	commits := 0
	s.writer.commit = func(s *session) error { commits++; return s.commit() }
	errs := s.together(t,
		func(ctx context.Context) error { return s.Commit(ctx, id, entry(head.Epoch, 1, nil)) },
		func(ctx context.Context) error { return s.writer.do(ctx, 0, broken) },
		func(ctx context.Context) error { return s.Commit(ctx, id, entry(head.Epoch, 3, nil)) },
		func(ctx context.Context) error { return s.Commit(ctx, id, entry(head.Epoch, 2, nil)) },
		func(ctx context.Context) error { _, err := s.ReservationLedgers(ctx, "half", 7); return err },
	)
	for i, class := range []error{nil, ports.ErrPermanent, ports.ErrConflict, nil, nil} {
		want(t, errs[i], class)
	}
	if commits != 2 { // of what held the writer, and of the group
		t.Fatalf("%d transactions were committed, want 2", commits)
	}
	s.wantVersion(t, 2)
	var settings int
	want(t, s.readers.QueryRow(`SELECT count(*) FROM setting WHERE name = 'half'`).Scan(&settings), nil)
	if settings != 0 {
		t.Fatal("the failed write left something behind")
	}
}

func TestAFailedCommitIsUnknownToTheWholeGroup(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	head := s.mustTakeOver(t)
	for _, lands := range []bool{true, false} {
		release := s.hold(t)
		normal := s.writer.commit
		fail := func(sess *session) error {
			if lands {
				_ = sess.commit()
			}
			return sess.run(`COMMIT AND MORE`) // an error that elsewhere is a definite one
		}
		first := make(chan error, 1)
		go func() { first <- s.Commit(t.Context(), id, entry(head.Epoch, head.Version+1, nil)) }()
		s.writer.waitQueued(1)
		second := make(chan error, 1)
		go func() { second <- s.Commit(t.Context(), id, entry(head.Epoch, 99, nil)) }()
		s.writer.waitQueued(2)
		commits := 0
		s.writer.commit = func(sess *session) error {
			if commits++; commits == 1 { // of what held the writer
				return normal(sess)
			}
			s.writer.commit = normal
			return fail(sess)
		}
		release()
		want(t, <-first, ports.ErrUnknown)
		want(t, <-second, ports.ErrUnknown) // a conflict only if the first one is in
		if lands {
			s.wantVersion(t, head.Version+1)
		} else {
			s.wantVersion(t, head.Version)
		}
		want(t, s.Commit(t.Context(), id, entry(head.Epoch, head.Version+1, nil)), nil) // settles it
		head.Version++
		s.wantVersion(t, head.Version)
	}
}

func TestAFullDiskIsTransientAndPasses(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	head := s.mustTakeOver(t)
	var pages int
	want(t, s.readers.QueryRow(`PRAGMA page_count`).Scan(&pages), nil)
	limit := func(pages int) {
		t.Helper()
		want(t, s.writer.do(t.Context(), 0, func(s *session) error {
			var now int
			_, err := s.row(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages), nil, &now)
			return err
		}), nil)
	}
	limit(pages)
	errs := s.together(t,
		func(ctx context.Context) error { _, err := s.ReservationLedgers(ctx, "eu", 4); return err },
		func(ctx context.Context) error { return s.Commit(ctx, id, entry(head.Epoch, 1, make([]byte, 1<<20))) },
	)
	want(t, errs[1], ports.ErrTransient)
	if errs[0] != nil {
		want(t, errs[0], ports.ErrTransient) // it went with the transaction
	}
	s.wantVersion(t, 0)
	limit(1 << 30)
	want(t, s.Commit(t.Context(), id, entry(head.Epoch, 1, make([]byte, 1<<20))), nil)
	s.wantVersion(t, 1)
}

// lockOut holds the database's write lock from another connection, as another process.
func lockOut(t *testing.T, dir string) (release func()) {
	t.Helper()
	path, err := databasePath(dir)
	want(t, err, nil)
	db := open(path, 0, 1, nil)
	_, err = db.Exec(sqlBegin)
	want(t, err, nil)
	return func() { want(t, db.Close(), nil) }
}

func TestAnotherProcessThatHoldsTheLockTooLongIsTransient(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{BusyTimeout: time.Millisecond})
	head := s.mustTakeOver(t)
	release := lockOut(t, dir)
	want(t, s.Commit(t.Context(), id, entry(head.Epoch, 1, nil)), ports.ErrTransient)
	s.wantVersion(t, 0) // readers are not held up
	release()
	want(t, s.Commit(t.Context(), id, entry(head.Epoch, 1, nil)), nil)
}

func TestAnotherProcessIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{BusyTimeout: time.Minute})
	head := s.mustTakeOver(t)
	release := lockOut(t, dir)
	done := make(chan error, 1)
	go func() { done <- s.Commit(t.Context(), id, entry(head.Epoch, 1, nil)) }()
	release()
	want(t, <-done, nil)
}

func TestAWriteWhoseCallerGivesUpIsUnknownAndSettledByARepeat(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	head := s.mustTakeOver(t)
	for _, taken := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		body := []byte("body")
		done := make(chan error, 1)
		version := head.Version + 1
		if taken { // it runs, and its caller gives up before the commit
			normal, reached, release := s.writer.commit, make(chan struct{}), make(chan struct{})
			s.writer.commit = func(sess *session) error {
				s.writer.commit = normal
				close(reached)
				<-release
				return normal(sess)
			}
			go func() { done <- s.Commit(ctx, id, entry(head.Epoch, version, body)) }()
			<-reached
			cancel()
			want(t, <-done, ports.ErrUnknown)
			close(release)
		} else { // it still waits
			release := s.hold(t)
			go func() { done <- s.Commit(ctx, id, entry(head.Epoch, version, body)) }()
			s.writer.waitQueued(1)
			cancel()
			want(t, <-done, ports.ErrUnknown)
			release()
		}
		copy(body, "late")
		want(t, s.Commit(t.Context(), id, entry(head.Epoch, version, []byte("body"))), nil)
		err := s.Entries(t.Context(), id, version-1, version, true, func(r ports.Record) error {
			if string(r.Body) != "body" {
				t.Errorf("the body is %q", r.Body)
			}
			return nil
		})
		want(t, err, nil)
		head.Version = version
	}
}

func TestCloseFinishesWhatWaitsAndRefusesWhatComesLater(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{Clock: porttest.NewClock(now)})
	want(t, err, nil)
	head := s.mustTakeOver(t)
	release := s.hold(t)
	waiting := make(chan error, 1)
	go func() { waiting <- s.Commit(t.Context(), id, entry(head.Epoch, 1, nil)) }()
	s.writer.waitQueued(1)
	release()
	want(t, s.Close(), nil)
	want(t, <-waiting, nil)
	want(t, s.Commit(t.Context(), id, entry(head.Epoch, 2, nil)), ports.ErrPermanent)
	openStore(t, dir, Options{}).wantVersion(t, 1)
}

func TestErrorsAreClassified(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{})
	for _, c := range []struct {
		name string
		run  func(*session) error
		want error
	}{
		{"a constraint", func(s *session) error { return s.run(sqlInsertEntry, nil, 1, "", []byte{}) }, ports.ErrPermanent},
		{"a type", func(s *session) error { return s.run(sqlFixSetting, "x", []byte{1}) }, ports.ErrPermanent},
		{"a statement that is none", func(s *session) error { return s.run(`SELEKT`) }, ports.ErrPermanent},
		{"one of ours", func(*session) error { return fmt.Errorf("%w: x", ports.ErrConflict) }, ports.ErrConflict},
		{"something else", func(*session) error { return errors.New("never heard of") }, ports.ErrUnknown},
	} {
		t.Run(c.name, func(t *testing.T) { want(t, s.writer.do(t.Context(), 0, c.run), c.want) })
	}
	want(t, classify(context.Canceled), context.Canceled)
}
