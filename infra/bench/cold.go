package main

import (
	"fmt"
	"time"

	"keepsake/infra/bench/page"
	"keepsake/infra/bench/replay"
	"keepsake/infra/bench/stage"
)

// measureCold starts each function, bare and hello anew for each round, with TLS to AWS. The processor is
// throttled as Lambda does it: from the first event on.
func measureCold(s *stage.Stage, recordings []*replay.Recording, limit throttle) ([]page.Cold, error) {
	variables, err := s.ServeTLS()
	if err != nil {
		return nil, err
	}
	replay.Play(s, recordings)
	defer s.Around(nil)
	var all []page.Cold
	for _, r := range recordings {
		c, err := coldOne(s, r, limit, variables)
		if err != nil {
			return nil, fmt.Errorf("cold %s: %w", r.Case.Name, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// start is what one start of a process took.
type start struct{ processor, first, second time.Duration }

func coldOne(s *stage.Stage, r *replay.Recording, limit throttle, variables []string) (c page.Cold, err error) {
	var starts [3][]start
	for range size("STARTS") {
		for i := range starts {
			one, err := startOnce(s, r, limit, variables, i)
			if err != nil {
				return c, err
			}
			starts[i] = append(starts[i], one)
		}
	}
	processor := func(s start) time.Duration { return s.processor }
	first := func(s start) time.Duration { return s.first }
	second := func(s start) time.Duration { return s.second }
	product, bare, hello := starts[0], starts[1], starts[2]
	c = page.Cold{
		Operation:    r.Case.Name,
		StartToHello: page.MedianRatio(pick(product, processor), pick(hello, processor)),
		StartToBare:  page.MedianRatio(pick(product, processor), pick(bare, processor)),
	}
	if limit != "" {
		took := page.Least(pick(product, first))
		c.FirstToBare = float64(took) / float64(page.Least(pick(bare, first)))
		c.FirstToSecond = float64(took) / float64(page.Least(pick(product, second)))
		c.FirstMilliseconds = float64(took.Microseconds()) / 1000
	}
	return c, nil
}

func pick(all []start, what func(start) time.Duration) []time.Duration {
	out := make([]time.Duration, len(all))
	for i := range all {
		out[i] = what(all[i])
	}
	return out
}

// startOnce starts the i-th contender and calls it twice. Hello is only started: it has nobody to call.
func startOnce(s *stage.Stage, r *replay.Recording, limit throttle, variables []string, i int) (one start, err error) {
	program := []string{r.Case.Function, stage.Bare, stage.Hello}[i]
	p, err := s.StartAs(program, r.Case.Function, append(variables, "TAPE="+r.Tape)...)
	if err != nil {
		return one, err
	}
	defer p.Kill()
	if one.processor, err = processorTime(p.PID()); err != nil || program == stage.Hello || limit == "" {
		return one, err
	}
	if err := limit.hold(p.PID()); err != nil {
		return one, err
	}
	c := contender{Process: p, want: fmt.Sprintf(`"statusCode":%d`, r.Case.Status)}
	for _, took := range []*time.Duration{&one.first, &one.second} {
		time.Sleep(5 * period) // a full share to begin with
		began := time.Now()
		if _, err := c.call(r.Event, 1); err != nil {
			return one, err
		}
		*took = time.Since(began)
	}
	return one, nil
}
