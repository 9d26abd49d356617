package main

import (
	"math"
	"path/filepath"
	"text/template"

	"keepsake/infra/markdown"
)

// writePage returns the page that the template under root gives.
func writePage(root string, m model) ([]byte, error) {
	return markdown.Page(filepath.Join(root, templateFile), m.words(), m)
}

// words are what the template may say beside its prose.
func (m model) words() template.FuncMap {
	return template.FuncMap{
		"operations": m.operationsTable, "loads": m.loadsTable, "quotas": m.quotasTable, "lifts": m.liftsTable, "region": m.regionTable,
		"whole": whole,
		// settled is how often a second a case can run in a world.
		"secret":    func(name string) string { return m.settled(only(name, oneSecret)) },
		"workspace": func(name string) string { return m.settled(only(name, oneWorkspace)) },
		"account":   func(name string) string { return whole(m.account(m.trace(name)).Rate) },
		"newAccount": func() string {
			return whole(m.quota("new-account") * m.perEnvironment(reading))
		},
		"shards":    func() string { return whole(float64(m.shards)) },
		"pace":      func(atOnce float64) string { return whole(m.purgePace(atOnce)) },
		"lag":       func(n, atOnce float64) string { return whole(math.Ceil(m.purgeLag(n, atOnce) / 60)) },
		"purgeMost": func(atOnce float64) string { return whole(math.Floor(m.purgeMost(atOnce)/1000) * 1000) },
		"lines":     func() string { return whole(m.linesPerShard()) },
		"linesNew":  func() string { return whole(m.linesAtFirst()) },
	}
}

func (m model) settled(l load) string {
	_, limit := m.play(l, nil, m.quota("gateway"))
	return m.upTo(limit)
}
