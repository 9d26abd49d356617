package partition

// Replay sends requests at a rate for some seconds, and returns the share that is refused. A second's requests come
// in their order; each partition has its units anew every second. Nothing is split meanwhile.
func (c *Cloud) Replay(rate, seconds int, sample func(second, n int) []Request) (refused float64) {
	for second := range seconds {
		used := map[spot]float64{}
		for _, r := range sample(second, rate) {
			if !c.fits(r, used) {
				refused++
			}
		}
	}
	return refused / float64(rate*seconds)
}

// fits takes what the request needs, if there is room for all of it.
func (c *Cloud) fits(r Request, used map[spot]float64) bool {
	const rounding = 1e-9
	needs := map[spot]float64{}
	for _, a := range r {
		needs[spot{a.Place, c.find(a.Place, a.position())}] += a.heat()
	}
	for s, heat := range needs {
		if used[s]+heat > 1+rounding {
			return false
		}
	}
	for s, heat := range needs {
		used[s] += heat
	}
	return true
}
