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

// Verdict is what becomes of a call. The zero Verdict passes it on.
type Verdict struct {
	fate   fate
	status int
	fault  map[string]any
	delay  time.Duration
}

// Pass performs the call and hands its answer back.
func Pass() Verdict { return Verdict{} }

// Passes reports whether the call is performed and its answer handed back.
func (v Verdict) Passes() bool { return v.fate == pass }

// Refuse answers with an AWS error and performs nothing. The code is the error's short name, such
// as ThrottlingException.
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

// LoseAnswer performs the call to its end, then cuts the connection: the caller cannot know.
func LoseAnswer() Verdict { return Verdict{fate: loseAnswer} }

// LoseRequest cuts the connection and performs nothing. To the caller it looks like LoseAnswer.
func LoseRequest() Verdict { return Verdict{fate: loseRequest} }

// Hang performs nothing and stays silent until the caller gives up.
func Hang() Verdict { return Verdict{fate: hang} }

// ArriveLate cuts the connection at once and performs the call after a delay, as when a request is
// held up on its way: the caller's next try may be performed before it, and then it is done twice.
func ArriveLate(delay time.Duration) Verdict { return Verdict{fate: arriveLate, delay: delay} }
