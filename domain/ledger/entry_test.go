package ledger

import (
	"errors"
	"reflect"
	"testing"
)

// noOwnKinds is the decoder of a machine that has no changes of its own.
func noOwnKinds(_ byte, r *Reader) Change {
	r.Fail("unknown kind")
	return nil
}

// sampleEntry has one change of each kind of this package.
func sampleEntry() *Entry {
	return &Entry{
		Stamp: Stamp{Version: 42, At: 1_800_000_000_123}, Epoch: 7, Commit: NewUUIDv5(Namespace, "commit"),
		Changes: []Change{
			MailTaken{From: there, Upto: 300},
			MailSent{Mail{To: there, Number: 5, Body: []byte("body")}},
			MailSent{Mail{To: other, Number: 1, Body: []byte{}}},
			MailAcked{To: there, Upto: 4},
			Forgotten{Keys: []UUID{Namespace, namespaceDNS}},
		},
	}
}

func TestAnEntryIsReadAsItWasWritten(t *testing.T) {
	for _, want := range []*Entry{sampleEntry(), {Stamp: Stamp{Version: 1}, Changes: []Change{}}} {
		got, err := DecodeEntry(encoded(want), noOwnKinds)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
}

func TestChangesOfAMachinesOwnKindsAreLeftToIt(t *testing.T) {
	var w Writer
	head := &Entry{Stamp: Stamp{Version: 9}}
	head.Encode(&w)
	body := w.Bytes()
	body[len(body)-1] = 2 // one change
	body = append(body, 99, 2, 10, 20)
	var kind, first byte
	_, err := DecodeEntry(body, func(k byte, r *Reader) Change {
		kind, first = k, r.Byte()
		r.Byte()
		return Forgotten{}
	})
	if err != nil || kind != 99 || first != 10 {
		t.Errorf("got kind %d, first byte %d, %v", kind, first, err)
	}
}

func TestAnEntryThatWasDamagedIsCorrupt(t *testing.T) {
	whole := encoded(sampleEntry())
	for n := range len(whole) {
		if _, err := DecodeEntry(whole[:n], noOwnKinds); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut off after %d bytes: got %v", n, err)
		}
	}
	if _, err := DecodeEntry(append(whole, 0), noOwnKinds); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a byte too many: got %v", err)
	}
	future := append([]byte{2}, whole[1:]...)
	if _, err := DecodeEntry(future, noOwnKinds); !errors.Is(err, ErrCorrupt) {
		t.Errorf("another format: got %v", err)
	}
}

func TestAChangeMustFillItsFrame(t *testing.T) {
	entry := func(kind byte, body ...byte) []byte {
		var w Writer
		w.Byte(entryFormat)
		w.Int(1)
		w.Int(1)
		w.Int(1)
		w.UUID(UUID{})
		w.Int(1)
		w.Byte(kind)
		w.Blob(body)
		return w.Bytes()
	}
	for name, b := range map[string][]byte{
		"too short": entry(kindMailTaken, 1, 'x'),
		"too long":  entry(kindMailTaken, 1, 'x', 2, 0),
		"unknown":   entry(15),
	} {
		if _, err := DecodeEntry(b, noOwnKinds); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", name, err)
		}
	}
	if _, err := DecodeEntry(entry(kindMailTaken, 1, 'x', 2), noOwnKinds); err != nil {
		t.Errorf("just right: %v", err)
	}
}
