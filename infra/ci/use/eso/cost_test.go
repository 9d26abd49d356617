package eso

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const hoursPerMonth = 730

var (
	priceRow   = regexp.MustCompile(`(?m)^\| access, by name \|.*\| \*\*([0-9.]+)\*\* \|$`)
	readingRow = regexp.MustCompile(`(?m)^\| ([0-9]+[mh])[^|]* \| ([0-9,]+) \| ([0-9,]+) \| \$([0-9.]+) \|$`)
)

func TestThePagesCostIsThatOfTheCostPage(t *testing.T) {
	found := priceRow.FindStringSubmatch(read(t, os.Getenv("COST")))
	if found == nil {
		t.Fatal("the cost page has no price of an access by name")
	}
	price, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	rows := readingRow.FindAllStringSubmatch(read(t, os.Getenv("PAGE")), -1)
	if len(rows) != 3 {
		t.Fatalf("the page has %d rows of costs, not 3", len(rows))
	}
	for _, row := range rows {
		every, err := time.ParseDuration(row[1])
		if err != nil {
			t.Fatal(err)
		}
		reads := int(hoursPerMonth * time.Hour / every)
		want := []string{fmt.Sprint(reads), fmt.Sprint(50 * reads), fmt.Sprintf("%.2f", price*float64(50*reads)/1e6)}
		got := strings.Split(strings.ReplaceAll(strings.Join(row[2:], " "), ",", ""), " ")
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: the page says %v, and it is %v", row[1], got, want)
		}
	}
}
