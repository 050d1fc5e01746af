package letters

import (
	"testing"

	"inventory/domain/letter"
)

func TestLargeLettersAreReadFewAtOnce(t *testing.T) {
	sized := func(sizes ...int) []letter.Entry {
		all := make([]letter.Entry, len(sizes))
		for i, n := range sizes {
			all[i].Size = n
		}
		return all
	}
	c := Config{Chunk: 3, ChunkBytes: 100}
	for _, test := range []struct {
		letters []letter.Entry
		want    int
	}{
		{sized(1, 1), 2},
		{sized(1, 1, 1, 1), 3},
		{sized(50, 50, 1), 2},
		{sized(60, 60), 1},
		{sized(900, 1), 1},
	} {
		if n := c.chunk(test.letters); n != test.want {
			t.Errorf("of letters of %v bytes %d are read at once, expected %d", test.letters, n, test.want)
		}
	}
}
