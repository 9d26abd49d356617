package main

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"keepsake/infra/ops/internal/columns"
	"keepsake/shared/auth"
)

// The bounds of EXPIRES. Less than an hour is a mistake, and so is more than ten years: a token without
// EXPIRES never expires.
const (
	day       = 24 * time.Hour
	minExpiry = time.Hour
	maxExpiry = 3650 * day
)

// span allows so few digits that no number of days overflows.
var span = regexp.MustCompile(`^(\d{1,5})([dh])$`)

// readExpiry reads a time from now, such as 90d or 12h, or the first day on which the token is not valid.
// It returns the zero time, which is never, for an empty text.
func readExpiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if m := span.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		unit := map[string]time.Duration{"d": day, "h": time.Hour}[m[2]]
		at, err = now.Add(time.Duration(n)*unit), nil
	}
	switch {
	case err != nil:
		return at, fmt.Errorf("EXPIRES: %q is neither a time from now nor a day: write 90d, 12h or 2027-01-31", text)
	case at.Before(now.Add(minExpiry)):
		return at, fmt.Errorf("EXPIRES: %s is less than an hour from now: choose a later time (a day begins at 00:00 UTC)", text)
	case at.After(now.Add(maxExpiry)):
		return at, fmt.Errorf("EXPIRES: %s is more than ten years from now: leave it out for a token that does not expire", text)
	}
	return at, nil
}

func expiry(g auth.Grant) string {
	if g.ExpiresAt.IsZero() {
		return "never expires"
	}
	return "expires " + columns.Time(g.ExpiresAt)
}
