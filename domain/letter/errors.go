package letter

import "errors"

// Why letters stay as they are.
var (
	// ErrUnknownLetter: there is no letter with this id.
	ErrUnknownLetter = errors.New("unknown letter")
	// ErrUnknownJob: there is no job with this id.
	ErrUnknownJob = errors.New("unknown job")
	// ErrNoLetters: no open letter is chosen: there is nothing to do.
	ErrNoLetters = errors.New("no open letters are chosen")
	// ErrTaken: a job that has not ended has some of the chosen letters.
	ErrTaken = errors.New("a running job has the letters")
	// ErrSettled: the letter is not open, or the job has ended: it stays as it is.
	ErrSettled = errors.New("settled before")
)
