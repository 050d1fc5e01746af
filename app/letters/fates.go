package letters

import "inventory/domain/letter"

// fatesIn gives what jobs found for a letter, the oldest first.
func fatesIn(b *letter.Book, e letter.Entry) []letter.Fate {
	if e.Fate == nil {
		return nil
	}
	return []letter.Fate{*e.Fate}
}
