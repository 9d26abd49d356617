package wire

import (
	"maps"
	"time"
)

type fate int

const (
	pass fate = iota
	refuse
	loseAnswer
	loseRequest
	hang
	arriveLate
)

// Verdict says what happens to a call. The zero Verdict passes it.
type Verdict struct {
	fate   fate
	status int
	fault  map[string]any
	delay  time.Duration
}

// Pass performs the call and returns its response.
func Pass() Verdict { return Verdict{} }

// Passes reports whether the call is performed and its response returned.
func (v Verdict) Passes() bool { return v.fate == pass }

// Refuse returns an AWS error and performs nothing. The code is the error's short name, such as
// ThrottlingException.
func Refuse(status int, code, message string) Verdict {
	return Verdict{fate: refuse, status: status, fault: map[string]any{"__type": code, "message": message}}
}

// With adds a field to the error of a refusal, such as the CancellationReasons of a
// TransactionCanceledException.
func (v Verdict) With(field string, value any) Verdict {
	v.fault = maps.Clone(v.fault)
	v.fault[field] = value
	return v
}

// LoseAnswer performs the call to its end, then cuts the connection: the caller cannot know that.
func LoseAnswer() Verdict { return Verdict{fate: loseAnswer} }

// LoseRequest cuts the connection and performs nothing. To the caller it looks like LoseAnswer.
func LoseRequest() Verdict { return Verdict{fate: loseRequest} }

// Hang performs nothing and returns nothing until the caller gives up.
func Hang() Verdict { return Verdict{fate: hang} }

// ArriveLate cuts the connection at once and performs the call after a delay, like a request that is held
// up on its way. The caller's next try may be performed before it: then both are performed.
func ArriveLate(delay time.Duration) Verdict { return Verdict{fate: arriveLate, delay: delay} }
