package cassandra

import (
	"bytes"
	"errors"
	"testing"

	"inventory/ports"
)

func TestABodyComesBackAsItWasAndCostsLess(t *testing.T) {
	for _, body := range [][]byte{nil, {}, {1}, bytes.Repeat([]byte("order-4711 stock/W1/0 "), 500)} {
		stored := compress(body)
		if len(stored) == 0 {
			t.Errorf("a body of %d bytes is stored as nothing, which would be NULL", len(body))
		}
		if len(body) > 100 && len(stored) > len(body)/10 {
			t.Errorf("a body of %d bytes that says the same again and again is stored in %d", len(body), len(stored))
		}
		back, err := expand("it", stored)
		if err != nil || !bytes.Equal(back, body) {
			t.Errorf("a body of %d bytes comes back as %d (%v)", len(body), len(back), err)
		}
	}
}

func TestABodyThatWasNotWrittenSoIsAPermanentError(t *testing.T) {
	for _, stored := range [][]byte{nil, {0xff, 0xff, 0xff, 0xff, 0x0f, 1}, []byte("plain text")} {
		if _, err := expand("entry 7 of stock/W1/0", stored); !errors.Is(err, ports.ErrPermanent) {
			t.Errorf("%q: got %v", stored, err)
		}
	}
}
