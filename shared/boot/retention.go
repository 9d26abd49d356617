package boot

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// minRetention is the shortest time in which people can be expected to notice a mistake.
const minRetention = 24 * time.Hour

const maxRetentionDays = 365

// parseRetention reads "30d", or a duration as Go writes it. It refuses less than a day unless short
// is set. The template never sets it; tests and the local stack do, to see a deadline pass.
func parseRetention(text string, short bool) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		if n > maxRetentionDays {
			return 0, fmt.Errorf("%q is more than %d days", text, maxRetentionDays)
		}
		d = time.Duration(n) * 24 * time.Hour
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is neither a number of days, like 30d, nor a duration", text)
	case d < time.Second:
		return 0, errors.New("must be at least a second")
	case d < minRetention && !short:
		return 0, fmt.Errorf("%s is less than a day: a deleted secret must stay recoverable for at least one", text)
	}
	return d, nil
}
