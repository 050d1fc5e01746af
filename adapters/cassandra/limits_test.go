package cassandra

import "testing"

func TestSizesAreReadAsTheServerWritesThem(t *testing.T) {
	for s, want := range map[string]int{"16384KiB": 16 << 20, "16MiB": 16 << 20, "5KiB": 5 << 10, "1GiB": 1 << 30, "100B": 100, "0B": 0} {
		if got, err := parseSize(s); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "null", "5", "KiB", "-1KiB", "5 KiB", "99999999999GiB"} {
		if got, err := parseSize(s); err == nil {
			t.Errorf("%q was read as %d", s, got)
		}
	}
}

func TestLimitsStayWellBelowWhatTheServerRefuses(t *testing.T) {
	got := limitsOf(map[string]string{
		"max_mutation_size": "16384KiB", "batch_size_warn_threshold": "5KiB", "unlogged_batch_across_partitions_warn_threshold": "10",
	})
	if want := (limits{entry: 12 << 20, batchBytes: 4608, batchPartitions: 10}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := limitsOf(nil); got != assumedLimits {
		t.Errorf("without settings: %+v", got)
	}
}
