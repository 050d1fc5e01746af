package wire

import (
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// AskLevel is the request for the level of a SKU in each of several ledgers. Its answer is a
// LevelAnswer.
type AskLevel struct {
	SKU     stock.SKU
	Ledgers []ledger.ID
}

// Shelves are what it asks for, one by one.
func (m AskLevel) Shelves() []Shelf {
	all := make([]Shelf, 0, len(m.Ledgers))
	for _, id := range m.Ledgers {
		all = append(all, Shelf{id, m.SKU})
	}
	return all
}

// AskShelves is the request for levels of many SKUs. Its answer is a LevelAnswer. A member that is
// older than this request refuses it.
type AskShelves struct{ Shelves []Shelf }

// Shelf is a SKU in a stock ledger: what a level is of.
type Shelf struct {
	Ledger ledger.ID
	SKU    stock.SKU
}

// LevelAnswer has a Level for each ledger, or shelf, that was asked for, in that order.
type LevelAnswer struct{ Levels []Level }

// Level is what a member knows of a SKU in one ledger.
type Level struct {
	Owned bool // this member owns the ledger; else it knows nothing
	Known bool // the SKU has been there
	Level stock.Level
}

// AskLevels is the request for what can be promised of every SKU in a stock ledger, or what of
// it has changed after a version of an epoch; 0 and 0: all. Its answer is a LevelsAnswer.
type AskLevels struct {
	Ledger ledger.ID
	Epoch  int64
	After  int64
}

// LevelsAnswer is what can be promised after the entry Upto.
type LevelsAnswer struct {
	Owned bool // this member owns the ledger; else all else is empty
	Epoch int64
	Upto  int64
	Whole bool // SKUs that are not listed never were there; else they have not changed
	SKUs  []Available
}

// Available is what can be promised of a SKU, in units.
type Available struct {
	SKU   stock.SKU
	Units int64
}

func (AskLevel) kind() byte { return kindAskLevel }

func (AskShelves) kind() byte { return kindAskShelves }

func (LevelAnswer) kind() byte { return kindLevelAnswer }

func (AskLevels) kind() byte { return kindAskLevels }

func (LevelsAnswer) kind() byte { return kindLevelsAnswer }

func (m AskLevel) encode(_ *Codec, w *ledger.Writer) error {
	w.String(string(m.SKU))
	w.Int(int64(len(m.Ledgers)))
	for _, id := range m.Ledgers {
		encodeID(w, id)
	}
	return nil
}

func decodeAskLevel(r *ledger.Reader) AskLevel {
	m := AskLevel{SKU: stock.SKU(r.String())}
	m.Ledgers = make([]ledger.ID, 0, r.Count(4))
	for range cap(m.Ledgers) {
		m.Ledgers = append(m.Ledgers, decodeID(r))
	}
	return m
}

func (m AskShelves) encode(_ *Codec, w *ledger.Writer) error {
	w.Int(int64(len(m.Shelves)))
	for _, s := range m.Shelves {
		encodeID(w, s.Ledger)
		w.String(string(s.SKU))
	}
	return nil
}

func decodeAskShelves(r *ledger.Reader) (m AskShelves) {
	m.Shelves = make([]Shelf, 0, r.Count(5))
	for range cap(m.Shelves) {
		m.Shelves = append(m.Shelves, Shelf{decodeID(r), stock.SKU(r.String())})
	}
	return m
}

// encode frames each level, so that it can be given more.
func (m LevelAnswer) encode(_ *Codec, w *ledger.Writer) error {
	w.Int(int64(len(m.Levels)))
	for _, l := range m.Levels {
		w.Framed(func(w *ledger.Writer) {
			w.Bool(l.Owned)
			w.Bool(l.Known)
			if l.Known {
				l.Level.EncodeVersioned(w)
			}
		})
	}
	return nil
}

func decodeLevelAnswer(r *ledger.Reader) (m LevelAnswer) {
	m.Levels = make([]Level, 0, r.Count(3))
	for range cap(m.Levels) {
		frame := ledger.NewReader(r.Blob())
		l := Level{Owned: frame.Bool(), Known: frame.Bool()}
		if l.Known {
			l.Level = stock.DecodeLevel(frame)
		}
		if err := frame.Err(); err != nil {
			r.Fail("level: %v", err)
			break
		}
		m.Levels = append(m.Levels, l)
	}
	return m
}

func (m AskLevels) encode(_ *Codec, w *ledger.Writer) error {
	encodeID(w, m.Ledger)
	w.Int(m.Epoch)
	w.Int(m.After)
	return nil
}

func (m LevelsAnswer) encode(_ *Codec, w *ledger.Writer) error {
	w.Bool(m.Owned)
	w.Int(m.Epoch)
	w.Int(m.Upto)
	w.Bool(m.Whole)
	w.Int(int64(len(m.SKUs)))
	for _, a := range m.SKUs {
		w.String(string(a.SKU))
		w.Int(a.Units)
	}
	return nil
}

func decodeLevelsAnswer(r *ledger.Reader) LevelsAnswer {
	m := LevelsAnswer{Owned: r.Bool(), Epoch: r.Int(), Upto: r.Int(), Whole: r.Bool()}
	m.SKUs = make([]Available, 0, r.Count(2))
	for range cap(m.SKUs) {
		m.SKUs = append(m.SKUs, Available{SKU: stock.SKU(r.String()), Units: r.Int()})
	}
	return m
}
