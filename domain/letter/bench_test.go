package letter

import (
	"fmt"
	"testing"

	"inventory/domain/ledger"
)

const many = 100_000

// manyLetters is a book of letters of 20,000 orders that died of five causes, a tenth of which
// a job has settled and another tenth of which failed in it.
func manyLetters() *Book {
	b := NewBook()
	for i := range many {
		m := dead(fmt.Sprint("letter ", i), fmt.Sprint("order-", i%20_000), i)
		m.Place.Partition, m.Origin.Partition = int32(i%20_000%12), int32(i%20_000%12)
		m.Code, m.Error = fmt.Sprint("code", i%5), fmt.Sprintf("order %d: not enough stock", i)
		b.Bury(m)
	}
	bounds := b.Bounds(Filter{})
	b.Take(Job{ID: id("first"), Bounds: bounds, At: sec(1)})
	for i := 0; i < many/5; i++ {
		outcome := []string{Applied, Failed}[i%2]
		b.Take(fate(fmt.Sprint("letter ", i*5), "first", outcome, 2))
	}
	b.Take(Job{ID: id("second"), Filter: Filter{Code: "code1"}, Bounds: bounds, At: sec(3)})
	return b
}

func BenchmarkBury(b *testing.B) {
	for b.Loop() {
		manyLetters()
	}
}

// What a book with 100,000 letters is asked, each time after one more was buried.
func BenchmarkAsk(b *testing.B) {
	ids := make([]ledger.UUID, many)
	for i := range ids {
		ids[i] = id(fmt.Sprint("letter ", i))
	}
	group := GroupOf(&Meta{Place: Place{Topic: "orders"}, Code: "code2", Error: "order 1: not enough stock"}).ID()
	for name, ask := range map[string]func(*Book){
		"Left":   func(b *Book) { b.Left(id("first")) },
		"Groups": func(b *Book) { b.Groups(Filter{}) },
		"Jobs":   func(b *Book) { b.Jobs() },
		"List":   func(b *Book) { b.List(Filter{}, ids[500], 100) },
		"Taken":  func(b *Book) { b.Taken(Filter{Group: group}) },
		"IDs":    func(b *Book) { b.Count(Filter{IDs: ids}) },
		"Report": func(b *Book) { b.Report(id("first"), ledger.UUID{}, 100) },
		"Letter": func(b *Book) { b.Letter(ids[7]) },
	} {
		b.Run(name, func(bench *testing.B) {
			book, n := manyLetters(), 0
			for bench.Loop() {
				n++
				book.Bury(dead(fmt.Sprint("new ", n), "order-1", many+n))
				ask(book)
			}
		})
	}
}

func TestABookOfManyLettersCountsThemAll(t *testing.T) {
	b := manyLetters()
	expect(t, "Left", len(b.Left(id("first"))), many*4/5)
	expect(t, "Groups", len(b.Groups(Filter{})), 5)
}
