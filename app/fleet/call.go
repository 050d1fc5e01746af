package fleet

import (
	"context"
	"fmt"
	"sync"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/ports"
)

// ask has another member answer a request, once.
func ask[A wire.Message](ctx context.Context, f *Fleet, m ports.Member, request wire.Message) (answer A, err error) {
	b, err := f.codec.Encode(request)
	if err != nil {
		return answer, fmt.Errorf("%w: %w", owner.ErrDefect, err)
	}
	got, err := f.world.Wire.Call(ctx, m.Addr, b)
	if err != nil {
		return answer, fmt.Errorf("%w: %s at %s: %w", errWire, m.Name, m.Addr, err)
	}
	answer, refused, bad := wire.AnswerOf[A](f.codec, got)
	if bad != nil {
		return answer, fmt.Errorf("%w: the answer of %s at %s: %w", owner.ErrUnsettled, m.Name, m.Addr, bad)
	}
	if refused != nil {
		return answer, fmt.Errorf("%s at %s: %w", m.Name, m.Addr, refused)
	}
	return answer, nil
}

// reply encodes an answer.
func (f *Fleet) reply(answer wire.Message) []byte {
	b, err := f.codec.Encode(answer)
	if err != nil {
		b, _ = f.codec.Encode(wire.Refused{Err: fmt.Errorf("%w: %w", owner.ErrUnsettled, err)}) // text and numbers: that can be encoded
	}
	return b
}

// inParallel does something with each, so many at a time.
func inParallel[T any](most int, all []T, do func(T)) {
	var working sync.WaitGroup
	room := make(chan struct{}, most)
	for _, one := range all {
		room <- struct{}{}
		working.Go(func() {
			do(one)
			<-room
		})
	}
	working.Wait()
}

// sign leaves a sign in a channel that has room for one.
func sign(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
