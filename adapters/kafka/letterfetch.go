package kafka

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/IBM/sarama"

	"inventory/domain/letter"
	"inventory/ports"
)

// Fetch implements ports.LetterLog.
func (l *LetterLog) Fetch(ctx context.Context, places []letter.Place, take func(i int, l letter.Letter)) error {
	wanted, err := l.wanted(places)
	if err != nil || len(places) == 0 {
		return err
	}
	return l.from.run(ctx, func(ctx context.Context, c sarama.Client, g *gate) error {
		all, err := wanted.stretches(c)
		if err != nil {
			return err
		}
		err = fetchAll(ctx, c, all, func(m *sarama.ConsumerMessage) error {
			return g.pass(func() error {
				at := spot{partitionID{m.Topic, m.Partition}, m.Offset}
				for _, i := range wanted[at] {
					take(i, kept(l.letterOf(m)))
				}
				delete(wanted, at)
				return nil
			})
		})
		if err != nil || len(wanted) == 0 {
			return err
		}
		return wanted.missing(l.cfg.Prefix)
	})
}

// kept is a letter with bytes of its own: those of a record lie among those of all that came
// with it.
func kept(l letter.Letter) letter.Letter {
	l.Value = bytes.Clone(l.Value)
	for i, h := range l.Headers {
		l.Headers[i].Value = bytes.Clone(h.Value)
	}
	return l
}

// spot is where a record lies.
type spot struct {
	partitionID
	offset int64
}

func (a spot) compare(b spot) int {
	if c := strings.Compare(a.topic, b.topic); c != 0 {
		return c
	}
	if a.number != b.number {
		return int(a.number) - int(b.number)
	}
	return int(min(max(a.offset-b.offset, -1), 1))
}

// wantedLetters are indices of places by where they are.
type wantedLetters map[spot][]int

func (l *LetterLog) wanted(places []letter.Place) (wantedLetters, error) {
	w := wantedLetters{}
	for i, p := range places {
		if !slices.Contains(ports.OrderEventTopics(), p.Topic) {
			return nil, fmt.Errorf("%w: kafka: no dead letters of topic %q: expected one of %s", ports.ErrPermanent, p.Topic, strings.Join(ports.OrderEventTopics(), ", "))
		}
		at := spot{partitionID{l.cfg.Prefix + p.Topic + DeadLetterSuffix, p.Partition}, p.Offset}
		w[at] = append(w[at], i)
	}
	return w, nil
}

// mostGap is how many records that are not wanted are read, rather than asked for what comes
// behind them.
const mostGap = 128

// stretches says what is to be read of what is still wanted and there.
func (w wantedLetters) stretches(c sarama.Client) ([]*stretch, error) {
	spots := w.sorted()
	bounds, err := w.bounds(c, spots)
	if err != nil {
		return nil, err
	}
	var all []*stretch
	for _, at := range spots {
		b := bounds[at.partitionID]
		if at.offset < b.oldest || at.offset >= b.end {
			continue
		}
		if n := len(all) - 1; n >= 0 && all[n].partitionID == at.partitionID && at.offset-all[n].end < mostGap {
			all[n].end = at.offset + 1
			continue
		}
		all = append(all, &stretch{partitionID: at.partitionID, next: at.offset, end: at.offset + 1})
	}
	return all, nil
}

func (w wantedLetters) sorted() []spot {
	spots := make([]spot, 0, len(w))
	for at := range w {
		spots = append(spots, at)
	}
	slices.SortFunc(spots, spot.compare)
	return spots
}

// bounds asks for what the partitions have. One that there is not has nothing.
func (w wantedLetters) bounds(c sarama.Client, spots []spot) (map[partitionID]bound, error) {
	var all []partitionID
	there := map[string][]int32{}
	for _, at := range spots {
		if len(all) > 0 && all[len(all)-1] == at.partitionID {
			continue
		}
		partitions, asked := there[at.topic]
		if !asked {
			var err error
			if partitions, err = c.Partitions(at.topic); err != nil {
				return nil, fmt.Errorf("topic %s: %w", at.topic, err)
			}
			there[at.topic] = partitions
		}
		if slices.Contains(partitions, at.number) {
			all = append(all, at.partitionID)
		}
	}
	return boundsOf(c, all)
}

// missing names the first of what was not there.
func (w wantedLetters) missing(prefix string) error {
	first := w.sorted()[0]
	return fmt.Errorf("%w: kafka: %s[%d]@%d: the letter is there no more (%d such places)",
		ports.ErrPermanent, strings.TrimPrefix(first.topic, prefix), first.number, first.offset, len(w))
}
