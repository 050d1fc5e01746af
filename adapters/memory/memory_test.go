package memory_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/memory"
	"inventory/domain/letter"
	"inventory/ports"
	"inventory/ports/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestJournal(t *testing.T) {
	store := memory.New()
	porttest.Journal(t, func(*testing.T) porttest.JournalStore { return store })
}

func TestTables(t *testing.T) {
	store := memory.New()
	porttest.Tables(t, func(*testing.T) porttest.TablesStore { return store })
}

func TestMembers(t *testing.T) {
	store := memory.New()
	porttest.Members(t, func(*testing.T) ports.Members { return store })
}

func TestGlobalTable(t *testing.T) {
	store := memory.New()
	porttest.GlobalTable(t, func(*testing.T) ports.GlobalTable { return store })
}

func TestDirectory(t *testing.T) {
	store := memory.New()
	porttest.Directory(t, func(*testing.T) ports.Directory { return store })
}

func TestLetters(t *testing.T) {
	porttest.Letters(t, func(*testing.T) porttest.LetterStore {
		letters := memory.NewLetters(4, time.Now)
		return porttest.LetterStore{
			Open:   func(*testing.T) ports.LetterLog { return letters.Reader() },
			Forget: func(before letter.Place) error { letters.Forget(before); return nil },
		}
	})
}

func TestLetterNotes(t *testing.T) {
	porttest.LetterNotes(t, func(*testing.T) porttest.NoteStore {
		var notes memory.Notes
		return porttest.NoteStore{
			Open:    func(*testing.T) ports.LetterNotes { return notes.Reader() },
			Compact: func() error { notes.Compact(); return nil },
		}
	})
}

func TestLevelCache(t *testing.T) {
	cache := memory.NewCache(time.Minute, time.Minute, time.Now)
	porttest.LevelCache(t, func(_ *testing.T, times porttest.CacheTimes) ports.LevelCache {
		return cache.Lasting(times.TTL, times.Lease)
	})
}
