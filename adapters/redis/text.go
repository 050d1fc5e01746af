package redis

import (
	"strconv"
	"strings"
	"time"

	"inventory/ports"
)

// claimMark begins what stands for a claim.
const claimMark = "?"

func claimOf(by string) string { return claimMark + by }

func textOf(l ports.CachedLevel) string {
	b := make([]byte, 0, 48)
	for i, n := range [...]int64{l.Version, l.OnHand, l.Held, l.At.UnixMilli()} {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(b)
}

// read reads what is stored at a key. What nobody of ours wrote is as good as nothing.
func read(key ports.LevelKey, text string) ports.Cached {
	if strings.HasPrefix(text, claimMark) {
		return ports.Cached{Claimed: true}
	}
	var n [4]int64
	for i := range n {
		word, rest, more := strings.Cut(text, " ")
		var err error
		if n[i], err = strconv.ParseInt(word, 10, 64); err != nil || more != (i < len(n)-1) {
			return ports.Cached{}
		}
		text = rest
	}
	if n[0] < 0 {
		return ports.Cached{}
	}
	return ports.Cached{Found: true, Level: ports.CachedLevel{
		LevelKey: key, Version: n[0], OnHand: n[1], Held: n[2], At: time.UnixMilli(n[3]).UTC(),
	}}
}
