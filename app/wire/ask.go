package wire

import "inventory/domain/ledger"

// Ask is the request to have a ledger decide a command. Its answer is an Answer.
type Ask struct {
	Ledger   ledger.ID
	Patience bool // wait until other ledgers have taken the mail that follows
	Command  ledger.Command
}

// Answer is what a ledger answered: both are to be had at once.
type Answer struct {
	Outcome any
	Err     error
}

func (Ask) kind() byte { return kindAsk }

func (Answer) kind() byte { return kindAnswer }

func (m Ask) encode(_ *Codec, w *ledger.Writer) error {
	encodeID(w, m.Ledger)
	w.Bool(m.Patience)
	return EncodeCommand(w, m.Command)
}

func decodeAsk(r *ledger.Reader) (m Ask, err error) {
	m.Ledger, m.Patience = decodeID(r), r.Bool()
	m.Command, err = DecodeCommand(r)
	return m, err
}

func (m Answer) encode(c *Codec, w *ledger.Writer) error { return c.EncodeAnswer(w, m.Outcome, m.Err) }

func (c *Codec) decodeAnswer(r *ledger.Reader) (m Answer, bad error) {
	m.Outcome, m.Err, bad = c.DecodeAnswer(r)
	return m, bad
}

// EncodeAnswer appends what Ask answered: an outcome of one of the commands that EncodeCommand
// takes, or nil, and an error, or nil.
func (c *Codec) EncodeAnswer(w *ledger.Writer, outcome any, err error) error {
	if bad := encodeOutcome(w, outcome); bad != nil {
		return bad
	}
	w.Bool(err != nil)
	if err != nil {
		c.encodeError(w, err)
	}
	return nil
}

// DecodeAnswer reads what EncodeAnswer wrote. bad says that it can't be read: ErrUnknownMessage,
// ledger.ErrCorrupt.
func (c *Codec) DecodeAnswer(r *ledger.Reader) (outcome any, err, bad error) {
	if outcome, bad = decodeOutcome(r); bad != nil {
		return nil, nil, bad
	}
	if r.Bool() {
		err = c.decodeError(r)
	}
	if bad := r.Err(); bad != nil {
		return nil, nil, bad
	}
	return outcome, err, nil
}
