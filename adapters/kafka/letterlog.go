package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/IBM/sarama"

	"inventory/domain/letter"
	"inventory/ports"
)

// LetterLog implements ports.LetterLog on the topics of dead letters. It remembers how far Read
// came, and stays connected until it is closed. Fetch and Append may be called at any time, by
// many.
type LetterLog struct {
	cfg  Config
	from *readback
	came *follower
	// Letters that are as large as order events go many in a request, to where others made the
	// topic too; larger ones alone.
	many, alone *Producer
}

var _ ports.LetterLog = (*LetterLog)(nil)

// NewLetterLog makes a reader that begins with what is oldest. It does not connect.
// ErrPermanent where the configuration is not valid.
func NewLetterLog(cfg Config) (*LetterLog, error) {
	from, err := newReadback(cfg)
	if err != nil {
		return nil, err
	}
	many, err := newProducer(cfg, publishing)
	if err != nil {
		return nil, err
	}
	alone, err := newProducer(cfg, burying)
	if err != nil {
		return nil, err
	}
	var topics []string
	for _, topic := range ports.OrderEventTopics() {
		topics = append(topics, cfg.Prefix+topic+DeadLetterSuffix)
	}
	return &LetterLog{cfg: cfg, from: from, came: newFollower(from, topics...), many: many, alone: alone}, nil
}

// Close disconnects; what is under way ends with an error. Idempotent.
func (l *LetterLog) Close() error {
	return errors.Join(l.from.Close(), l.many.Close(), l.alone.Close())
}

// Read implements ports.LetterLog.
func (l *LetterLog) Read(ctx context.Context, take func(letter.Letter)) error {
	return l.came.read(ctx, func(m *sarama.ConsumerMessage) error {
		take(l.letterOf(m))
		return nil
	})
}

func (l *LetterLog) letterOf(m *sarama.ConsumerMessage) letter.Letter {
	topic := strings.TrimSuffix(strings.TrimPrefix(m.Topic, l.cfg.Prefix), DeadLetterSuffix)
	return letterOf(topic, recordOf(m))
}

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

// What one call of a producer takes of letters, so that it can be done in the delivery timeout.
const (
	appendMost      = 2000
	appendMostBytes = 16 << 20
)

// Append implements ports.LetterLog.
func (l *LetterLog) Append(ctx context.Context, letters []letter.Letter) error {
	runs, err := l.runs(letters)
	if err != nil {
		return err
	}
	for _, r := range runs {
		p := l.many
		if r.large {
			p = l.alone
		}
		if err := p.send(ctx, r.messages); err != nil {
			return err
		}
	}
	return nil
}

// appended is what goes to a producer in one call. The next goes when this one is done, so that
// the order of a key stays.
type appended struct {
	messages []*sarama.ProducerMessage
	large    bool
	bytes    int
}

func (l *LetterLog) runs(letters []letter.Letter) ([]appended, error) {
	var runs []appended
	for _, one := range letters {
		if !slices.Contains(ports.OrderEventTopics(), one.Topic) {
			return nil, fmt.Errorf("%w: kafka: letter %s is of topic %q: expected one of %s", ports.ErrPermanent, one.ID, one.Topic, strings.Join(ports.OrderEventTopics(), ", "))
		}
		m := producerMessage(recordOfLetter(l.cfg.Prefix, one))
		size := m.ByteSize(recordVersion)
		if most := largestLetter(l.cfg); size > most {
			return nil, fmt.Errorf("%w: kafka: letter %s takes %d bytes with its headers, expected at most %d", ports.ErrPermanent, one.ID, size, most)
		}
		large := size > l.cfg.MaxMessageBytes
		if n := len(runs) - 1; n < 0 || runs[n].large != large || len(runs[n].messages) == appendMost || runs[n].bytes > appendMostBytes {
			runs = append(runs, appended{large: large})
		}
		r := &runs[len(runs)-1]
		r.messages, r.bytes = append(r.messages, m), r.bytes+size
	}
	return runs, nil
}
