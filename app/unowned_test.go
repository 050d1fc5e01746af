package app_test

import "testing"

func TestLedgersOfAMemberThatDiedAreUnownedUntilOthersHaveThem(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		unowned := func(by string) int {
			c.Helper()
			ids, err := c.members[by].Unowned(c.Context())
			if err != nil {
				c.Fatalf("%s: %v", by, err)
			}
			return len(ids)
		}
		if a, b := unowned("a"), unowned("b"); a+b != 0 {
			c.Errorf("a healthy fleet: a sees %d ledgers without an owner, b %d", a, b)
		}
		had := c.parts()["c"]
		c.crash("c")
		most := 0
		for range 40 {
			pass(fleetLease / 20)
			most = max(most, unowned("a"))
		}
		if most == 0 || most > had {
			c.Errorf("c died with %d ledgers: a sees up to %d without an owner", had, most)
		}
		pass(5 * fleetLease)
		if a, b := unowned("a"), unowned("b"); a+b != 0 {
			c.Errorf("long after: a sees %d ledgers without an owner, b %d", a, b)
		}
	})
}
