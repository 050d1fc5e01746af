package contract

import "testing"

func TestLevelsCatchWhatTheyLookAt(t *testing.T) {
	// Pairs of reader and writer, by order: the newest version reads the one before it, and the first; these read the newest.
	pairs := [][2]int{{3, 2}, {3, 1}, {2, 3}, {1, 3}}
	for level, want := range map[Level][4]bool{
		"NONE": {}, "": {},
		"BACKWARD": {0: true}, "BACKWARD_TRANSITIVE": {0: true, 1: true},
		"FORWARD": {2: true}, "FORWARD_TRANSITIVE": {2: true, 3: true},
		"FULL": {0: true, 2: true}, FullTransitive: {true, true, true, true},
	} {
		for i, p := range pairs {
			if got := level.Catches(p[0], p[1]); got != want[i] {
				t.Errorf("%s: of %d reading %d: %v", level, p[0], p[1], got)
			}
		}
		if (level.Means() == "") != (level == FullTransitive) {
			t.Errorf("%s: %q", level, level.Means())
		}
	}
}
