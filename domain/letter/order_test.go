package letter

import (
	"testing"

	"inventory/domain/ledger"
)

var all = []string{"a", "b", "c", "d", "e", "f"}

// order gives the letters of a book as they are listed.
func order(b *Book) []string {
	list, _ := b.List(Filter{}, ledger.UUID{}, 100)
	return names(list, all...)
}

func TestLettersOfAKeyAreInTheOrderOfTheirPartitionAndOthersByTime(t *testing.T) {
	a, b, c, d := dead("a", "k", 10), dead("b", "k", 11), dead("c", "other", 12), dead("d", "third", 13)
	a.Origin.Timestamp, b.Origin.Timestamp = sec(500), sec(11) // the first has a clock of its own
	d.Topic, d.Origin.Timestamp = "picks", sec(11)
	expect(t, "order", order(bookOf(b, d, a, c)), []string{"d", "c", "a", "b"})
}

func TestAnImportedLetterComesBehindThoseOfItsKeyThatSayWhereTheyWere(t *testing.T) {
	a, b, c, d := dead("a", "k", 1), dead("b", "k", 2), dead("c", "k", 3), dead("d", "other", 20)
	a.Origin, b.Origin = Origin{Offset: -1, Timestamp: sec(999)}, Origin{Offset: -1}
	a.BuriedAt, b.BuriedAt = sec(11), sec(10)
	expect(t, "order", order(bookOf(a, b, c, d)), []string{"c", "b", "a", "d"})
	c.Origin.Timestamp = sec(30)
	expect(t, "order", order(bookOf(a, b, c, d)), []string{"d", "c", "b", "a"})
}

func TestAnEditedCopyStandsWhereItsOriginalWas(t *testing.T) {
	a, b, again := dead("a", "k", 1), dead("b", "k", 2), dead("d", "k", 99)
	edited := dead("c", "k", 90)
	edited.Origin, edited.EditOf = Origin{Offset: -1}, a.ID
	again.Origin, again.EditOf = Origin{Offset: -1}, edited.ID
	for _, book := range []*Book{bookOf(again, edited, b, a), bookOf(a, b, edited, again)} {
		expect(t, "order", order(book), []string{"a", "c", "d", "b"})
	}
	book := bookOf(again, edited, b)
	expect(t, "order", order(book), []string{"b", "c", "d"})
	book.Bury(a)
	expect(t, "order when the original is read later", order(book), []string{"a", "c", "d", "b"})
}

func TestCopiesThatAreCopiesOfEachOtherHaveAnOrder(t *testing.T) {
	a, b := dead("a", "k", 1), dead("b", "k", 2)
	a.Origin, a.EditOf, b.Origin, b.EditOf = Origin{Offset: -1}, b.ID, Origin{Offset: -1}, a.ID
	expect(t, "letters", len(order(bookOf(a, b))), 2)
}

func TestOfTwoPartitionsNeitherWaitsForTheOther(t *testing.T) {
	a, b, c := dead("a", "k", 100), dead("b", "k", 1), dead("c", "k", 2)
	b.Origin.Partition, c.Origin.Partition = 1, 1
	expect(t, "order", order(bookOf(a, b, c)), []string{"b", "c", "a"})
	a.Origin.Partition, b.Origin.Partition, c.Origin.Partition = 0, 1, 1
	a.Origin.Timestamp = sec(0)
	expect(t, "order", order(bookOf(a, b, c)), []string{"a", "b", "c"})
}

func TestAPageGoesOnThoughTheLetterBeforeItIsNotChosenAnyMore(t *testing.T) {
	b := bookOf(dead("a", "k", 1), dead("b", "l", 2), dead("c", "k", 3), dead("d", "l", 4))
	list, more := b.List(Filter{}, ledger.UUID{}, 2)
	expect(t, "the first page", names(list, all...), []string{"a", "b"})
	expect(t, "more", more, true)
	take(b, Act{Letter: id("b"), Kind: Discarded})
	list, more = b.List(Filter{}, id("b"), 2)
	expect(t, "the second page", names(list, all...), []string{"c", "d"})
	expect(t, "more", more, false)
	list, _ = b.List(Filter{}, id("c"), 2)
	expect(t, "behind one that is chosen", names(list, all...), []string{"d"})
	list, more = b.List(Filter{}, id("nobody"), 2)
	expect(t, "behind nobody", []any{len(list), more}, []any{0, false})
}

func TestTheOrderIsKeptWhenAnEarlierCopyIsFoundLater(t *testing.T) {
	a, early, b := dead("a", "k", 50), dead("a", "k", 5), dead("b", "l", 10)
	a.Origin, b.Origin = Origin{Offset: -1}, Origin{Offset: -1}
	early.Origin, early.Place.Partition = a.Origin, 1
	book := bookOf(a, b)
	expect(t, "order", order(book), []string{"b", "a"})
	book.Bury(early)
	expect(t, "order", order(book), []string{"a", "b"})
}
