package owner

import (
	"testing"

	"inventory/domain/ledger"
)

func TestMailThatIsPutBackLeavesNoRoomForMore(t *testing.T) {
	m := newMailbox(Config{MailRoom: 2, Batch: 2})
	mail := func(numbers ...int64) (all []ledger.Mail) {
		for _, n := range numbers {
			all = append(all, ledger.Mail{Number: n})
		}
		return all
	}
	m.receive("a", mail(1, 2))
	taken := m.take().letters
	m.receive("a", mail(3, 4))
	m.putBack(taken[1:])
	m.receive("a", mail(5))
	if n := m.waiting(); n != 3 {
		t.Errorf("3 letters expected, found %d", n)
	}
}
