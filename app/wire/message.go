package wire

import (
	"errors"
	"fmt"

	"inventory/domain/ledger"
)

// ErrUnknownMessage is of a message, or a part of one, that only a newer version of the program
// knows. Of a request nothing was done; what an answer said is lost, not what it was about.
var ErrUnknownMessage = errors.New("from a newer version of the program")

// unknown says what it is that this version does not know.
func unknown(what string, number byte) error {
	return fmt.Errorf("%w: %s %d is not known here: upgrade this process", ErrUnknownMessage, what, number)
}

// Message is what one member sends another: a request, an answer, or word that has no answer.
type Message interface {
	kind() byte
	encode(*Codec, *ledger.Writer) error
}

// The kinds of messages, fixed for ever.
const (
	// Requests.
	kindAsk        = 1
	kindAskLevel   = 2
	kindAskLevels  = 3
	kindAskStatus  = 4
	kindHail       = 5
	kindAskLapsing = 6
	kindAskShelves = 7
	// Answers.
	kindAnswer        = 32
	kindLevelAnswer   = 33
	kindLevelsAnswer  = 34
	kindStatusAnswer  = 35
	kindHailed        = 36
	kindLapsingAnswer = 37
	kindRefused       = 63
	// Word.
	kindMail  = 64
	kindAck   = 65
	kindTook  = 66
	kindMoved = 67
)

// roomAtFirst is what most messages fit in, in bytes.
const roomAtFirst = 256

// Encode gives the bytes of a message. It fails for commands that only an owner gives itself,
// and for what no command has as its outcome.
func (c *Codec) Encode(m Message) ([]byte, error) {
	w := &ledger.Writer{}
	w.Grow(roomAtFirst)
	if err := c.Append(w, m); err != nil {
		return nil, err
	}
	return w.Bytes(), nil
}

// Append is Encode to the end of w, which is spoilt where it fails.
func (c *Codec) Append(w *ledger.Writer, m Message) error {
	w.Byte(m.kind())
	return m.encode(c, w)
}

// Decode reads what Encode wrote; the message may share b's memory, which must not change any
// more. Errors: ErrUnknownMessage, ledger.ErrCorrupt.
func (c *Codec) Decode(b []byte) (Message, error) {
	r := ledger.NewReader(b)
	kind := r.Byte()
	m, err := c.decode(kind, r)
	if err == nil {
		err = r.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("message of kind %d: %w", kind, err)
	}
	return m, nil
}

// decode leaves it to r to tell of faults.
func (c *Codec) decode(kind byte, r *ledger.Reader) (Message, error) {
	switch kind {
	case kindAsk:
		return decodeAsk(r)
	case kindAskLevel:
		return decodeAskLevel(r), nil
	case kindAskShelves:
		return decodeAskShelves(r), nil
	case kindAskLevels:
		return AskLevels{Ledger: decodeID(r), Epoch: r.Int(), After: r.Int()}, nil
	case kindAskStatus:
		return AskStatus{}, nil
	case kindHail:
		return Hail{From: r.String()}, nil
	case kindAskLapsing:
		return decodeAskLapsing(r), nil
	case kindAnswer:
		return c.decodeAnswer(r)
	case kindLevelAnswer:
		return decodeLevelAnswer(r), nil
	case kindLevelsAnswer:
		return decodeLevelsAnswer(r), nil
	case kindStatusAnswer:
		return decodeStatusAnswer(r), nil
	case kindHailed:
		return Hailed{}, nil
	case kindLapsingAnswer:
		return decodeLapsingAnswer(r), nil
	case kindRefused:
		return Refused{c.decodeError(r)}, nil
	case kindMail:
		return decodeMail(r), nil
	case kindAck:
		return Ack{From: decodeID(r), To: decodeID(r), Upto: r.Int()}, nil
	case kindTook:
		return Took{Ledger: decodeID(r), Owner: r.String(), Epoch: r.Int()}, nil
	case kindMoved:
		return Moved{Ledger: decodeID(r), To: r.String()}, nil
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return nil, unknown("message", kind)
}

// Refused is the answer to a request, of any kind, that could not be read or not be served.
type Refused struct{ Err error }

func (Refused) kind() byte { return kindRefused }

func (m Refused) encode(c *Codec, w *ledger.Writer) error {
	if m.Err == nil {
		return errors.New("a Refused says why: its Err is nil")
	}
	c.encodeError(w, m.Err)
	return nil
}

// AnswerOf decodes the answer to a request. refused is the error of a Refused; bad, that the
// answer could not be read, so that nobody knows what became of the request: ErrUnknownMessage,
// or ledger.ErrCorrupt.
func AnswerOf[A Message](c *Codec, b []byte) (answer A, refused, bad error) {
	m, bad := c.Decode(b)
	if bad != nil {
		return answer, nil, bad
	}
	switch m := m.(type) {
	case Refused:
		return answer, m.Err, nil
	case A:
		return m, nil, nil
	}
	return answer, nil, fmt.Errorf("%w: a %T came where a %T was expected", ledger.ErrCorrupt, m, answer)
}
