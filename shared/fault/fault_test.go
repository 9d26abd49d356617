package fault_test

import (
	"strings"
	"testing"

	"keepsake/shared/fault"
)

// plaintext is what must never appear in an error.
const plaintext = "correct horse battery staple"

func TestAPanicDoesNotShowWhatItWasPanickedWith(t *testing.T) {
	caught := func(what func()) (err error) {
		defer func() { err = fault.Panic(recover()) }()
		what()
		return nil
	}
	if text := caught(func() { panic(plaintext) }).Error(); strings.Contains(text, plaintext) || !strings.Contains(text, "a string") {
		t.Error(text)
	}
	var none map[string]int
	if text := caught(func() { none["a"] = 1 }).Error(); !strings.Contains(text, "nil map") {
		t.Error(text)
	}
}

func TestAnErrorsTextHasNoneOfTheClientsOwnWords(t *testing.T) {
	err := fault.List{fault.NewInvalid("is unknown", "body", plaintext), fault.NewInvalid("is missing", "body", "name")}
	text := err.Error()
	if strings.Contains(text, plaintext) || strings.Count(text, "body: invalid: ") != 2 {
		t.Error(text)
	}
}
