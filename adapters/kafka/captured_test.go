package kafka

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzCapturedMetadata(f *testing.F) {
	samples, err := os.ReadFile("testdata/debezium.ndjson")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(samples)) {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		if text, ok := capturedMetadata(value); !utf8.ValidString(text) || !ok && text != "" {
			t.Errorf("%q is read as %q, %t", value, text, ok)
		}
	})
}
