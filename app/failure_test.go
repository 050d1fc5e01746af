package app

import "testing"

// The kind Retry and Retryable say the same thing of whatever a use case answers.
func TestTheKindForAskingAgainAgreesWithRetryable(t *testing.T) {
	for _, row := range failures {
		if row.Code == "TIMEOUT" {
			continue // of opening a store, before there is a use case
		}
		if again := row.Kind == Retry; again != Retryable(row.err) {
			t.Errorf("%s: kind %d, retryable %t", row.Code, row.Kind, Retryable(row.err))
		}
	}
}
