package ledger

import (
	"strings"
	"testing"
)

func TestIDsDerivedFromNamesAreTheStandardOnes(t *testing.T) {
	// Python: uuid.uuid5(uuid.NAMESPACE_DNS, 'inventory.events') and so on.
	tests := []struct {
		space UUID
		name  string
		want  string
	}{
		{namespaceDNS, "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"},
		{namespaceDNS, "inventory.events", "3147c7f5-aac3-51d8-853e-b0d4e50d6184"},
		{Namespace, "reservation:order-1", "b7db3886-a074-5e56-b4f1-1b266d3066b5"},
		{Namespace, "adjustment:stock/W1/0\nanna\nk1", "684b4142-e24d-53fe-b740-4fb482a605d8"},
	}
	for _, tt := range tests {
		if got := NewUUIDv5(tt.space, tt.name).String(); got != tt.want {
			t.Errorf("UUIDv5(%s, %q): got %s, want %s", tt.space, tt.name, got, tt.want)
		}
	}
}

func TestUUIDIsReadAsItIsWritten(t *testing.T) {
	const canonical = "b7db3886-a074-5e56-b4f1-1b266d3066b5"
	for _, s := range []string{canonical, strings.ToUpper(canonical)} {
		u, err := ParseUUID(s)
		if err != nil || u.String() != canonical {
			t.Errorf("ParseUUID(%q): got %s, %v", s, u, err)
		}
	}
}

func TestWhatIsNoUUIDIsRefused(t *testing.T) {
	for name, s := range map[string]string{
		"empty":            "",
		"no dashes":        "b7db3886a0745e56b4f11b266d3066b5",
		"a dash elsewhere": "b7db388-6a074-5e56-b4f1-1b266d3066b5",
		"not a digit":      "b7db3886-a074-5e56-b4f1-1b266d3066bg",
		"too long":         "b7db3886-a074-5e56-b4f1-1b266d3066b55",
		"braces":           "{b7db3886-a074-5e56-b4f1-1b266d3066b}",
		"dashes as digits": "b7db3886-a074-5e56-b4f1-1b266d3066-5",
	} {
		if u, err := ParseUUID(s); err == nil || u != (UUID{}) {
			t.Errorf("%s: got %s, %v; want no UUID and an error", name, u, err)
		}
	}
}
