package porttest

import (
	"bytes"
	"context"
	"encoding/binary"
)

func wireTold(t *wireTest) {
	const n = 2000
	heard := make(chan [2]uint64, 4*n)
	h := WireFuncs{OnHear: func(message []byte) {
		heard <- [2]uint64{binary.BigEndian.Uint64(message), binary.BigEndian.Uint64(message[8:])}
	}}
	c := t.member(h)
	tellers := []WireMember{t.member(WireFuncs{}), t.member(WireFuncs{})}
	for who, w := range tellers {
		t.call(w, c.Addr, nil) // connected: nothing is lost now
		go func() {
			for i := range uint64(n) {
				message := binary.BigEndian.AppendUint64(nil, uint64(who))
				w.Tell(c.Addr, binary.BigEndian.AppendUint64(message, i))
			}
		}()
	}
	var next [2]uint64
	for range 2 * n {
		got := wait(t, "message", heard)
		if got[1] != next[got[0]] {
			t.Fatalf("member %d: message %d came when %d was next", got[0], got[1], next[got[0]])
		}
		next[got[0]]++
	}
}

func wireToldNobody(t *wireTest) {
	a, b := t.member(WireFuncs{}), t.member(WireFuncs{})
	b.Leave()
	for range 1000 {
		a.Tell(b.Addr, []byte("x"))
	}
	heard := make(chan string, 2000)
	b = t.join(t.T, b.Addr, WireFuncs{OnHear: func(message []byte) { heard <- string(message) }})
	t.call(a, b.Addr, nil)
	a.Tell(b.Addr, []byte("y"))
	for last := ""; last != "y"; {
		last = wait(t, "message", heard)
	}
}

func wireKept(t *wireTest) {
	const n = 200
	kept := make(chan []byte, 2*n)
	b := t.member(WireFuncs{
		OnAnswer: func(_ context.Context, request []byte) []byte {
			kept <- request
			return nil
		},
		OnHear: func(message []byte) { kept <- message },
	})
	a := t.member(WireFuncs{})
	var got [2 * n][]byte
	for i := 0; i < len(got); i += 2 {
		t.call(a, b.Addr, bytes.Repeat([]byte{byte(i)}, 5000))
		got[i] = wait(t, "request", kept)
		a.Tell(b.Addr, bytes.Repeat([]byte{byte(i + 1)}, 5000))
		got[i+1] = wait(t, "message", kept)
	}
	for i, g := range got {
		if !bytes.Equal(g, bytes.Repeat([]byte{byte(i)}, 5000)) {
			t.Fatalf("number %d became %v…", i, g[:10])
		}
	}
}
