package main

import (
	"fmt"
	"math"
	"path/filepath"
	"text/template"

	"keepsake/infra/markdown"
)

// writePage returns the page that the template under root gives with d.
func writePage(root string, d data) ([]byte, error) {
	m := newModel(d)
	return markdown.Page(filepath.Join(root, templateFile), m.words(), m)
}

// words are what the template may say beside its prose.
func (m model) words() template.FuncMap {
	idle := together(m.idle())
	usd := func(n float64) string { return dollars(n) }
	return template.FuncMap{
		"prices": m.pricesTable, "idle": m.idleTable, "counts": m.countsTable, "million": m.millionTable,
		"examples": m.examplesTable, "breakEven": m.breakEvenTable,
		"idleList":  func() string { return usd(m.dollars(idle)) },
		"idleFree":  func() string { return usd(m.withFree(idle)) },
		"tokenRead": func() string { return fmt.Sprintf("$%.3f", 1e6*m.dollars(m.tokenRead())) },
		// perMillion is the price of a million requests of a case.
		"perMillion": func(name string) string { return usd(m.perMillion(name)) },
		"part": func(name string, part int) string {
			return usd(1e6 * m.dollars(m.find(name).part[part]))
		},
		"share": func(name string, part int) string {
			o := m.find(name)
			return fmt.Sprintf("%.0f %%", 100*m.dollars(o.part[part])/m.dollars(o.total()))
		},
		"calls":    func() string { return usd(m.dollars(usage{"their-call": 1e6})) },
		"secret":   func() string { return usd(m.dollars(usage{"their-secret": 1})) },
		"kept":     func() string { return usd(m.dollars(m.kept(load{accesses: 1e6}))) },
		"formula":  m.formula,
		"even":     func() string { return whole(math.Ceil(m.breakEven(firstMonth, 0))) },
		"evenFree": func() string { return whole(math.Ceil(m.breakEvenWithFree())) },
		"fixed":    func() string { f, _ := m.line(firstMonth); return cents(f) },
		"ceiling":  func(name string) string { return "$" + whole(math.Round(m.perMillion(name)*1296/100)*100) },
	}
}

func (m model) perMillion(name string) float64 { return 1e6 * m.dollars(m.find(name).total()) }

func (m model) find(name string) operation {
	for _, o := range m.operations() {
		if o.name == name {
			return o
		}
	}
	panic("no operation is called " + name)
}

// formula is the break-even as S = a + b M, with M in millions of accesses.
func (m model) formula(when string) string {
	for _, k := range []kind{firstMonth, afterAYear, withCache} {
		if k.name == when {
			at, slope := m.breakEven(k, 0), m.breakEven(k, 1e6)-m.breakEven(k, 0)
			sign := "+"
			if slope < 0 {
				sign = "−"
			}
			return fmt.Sprintf("S = %.1f %s %.1f M", at, sign, math.Abs(slope))
		}
	}
	panic("no break-even is called " + when)
}
