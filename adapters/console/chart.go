package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"inventory/app"
	"inventory/ports"
)

// The plane of a chart, in its own units.
const (
	chartWidth  = 720
	chartHeight = 200
	chartLeft   = 8
	chartTop    = 10
)

// chart is what there was of a SKU week by week, in all warehouses together.
type chart struct {
	Weeks       []weekTold
	Most        int64
	Width       int
	Height      int
	OnHandArea  string // an SVG path
	OnHandLine  string
	HeldLine    string
	First, Last string // weeks
}

// weekTold is what there was at the end of a week, in units, and what came and went in it.
type weekTold struct {
	Week               string
	OnHand, Held       int64
	Received, Adjusted int64
	Picked             int64
	At                 float64 // of the plane
}

// chartOf adds warehouses up; one in which a week has no row has what it had before. nil where
// there is nothing to draw.
func chartOf(trends []app.Trend) *chart {
	rows := map[string]map[int]ports.LevelRow{} // by week and warehouse
	for n, t := range trends {
		for _, row := range t.Weeks {
			if rows[row.ISOWeek] == nil {
				rows[row.ISOWeek] = map[int]ports.LevelRow{}
			}
			rows[row.ISOWeek][n] = row
		}
	}
	if len(rows) == 0 {
		return nil
	}
	named := slices.Sorted(maps.Keys(rows))
	c := &chart{Most: 1, Width: chartWidth, Height: chartHeight, First: named[0], Last: named[len(named)-1]}
	last := make([]ports.LevelRow, len(trends))
	for _, week := range weeksBetween(c.First, c.Last) {
		told := weekTold{Week: week}
		for n := range trends {
			if row, ok := rows[week][n]; ok {
				last[n] = row
				told.Received, told.Adjusted, told.Picked = told.Received+row.Received, told.Adjusted+row.Adjusted, told.Picked+row.Picked
			}
			told.OnHand, told.Held = told.OnHand+last[n].OnHand, told.Held+last[n].Held
		}
		c.Most = max(c.Most, told.OnHand, told.Held)
		c.Weeks = append(c.Weeks, told)
	}
	c.draw()
	return c
}

// draw lays the weeks out; one alone is as wide as the plane.
func (c *chart) draw() {
	var onHand, held []string
	point := func(at float64, units int64) string {
		down := chartTop + (chartHeight-2*chartTop)*(1-float64(max(0, units))/float64(c.Most))
		return fmt.Sprintf("%.1f,%.1f", at, down)
	}
	step := float64(chartWidth-2*chartLeft) / float64(max(1, len(c.Weeks)-1))
	for n := range c.Weeks {
		w := &c.Weeks[n]
		w.At = chartLeft + float64(n)*step
		onHand, held = append(onHand, point(w.At, w.OnHand)), append(held, point(w.At, w.Held))
	}
	if len(c.Weeks) == 1 {
		onHand = append(onHand, point(chartWidth-chartLeft, c.Weeks[0].OnHand))
		held = append(held, point(chartWidth-chartLeft, c.Weeks[0].Held))
	}
	c.OnHandLine, c.HeldLine = "M"+strings.Join(onHand, "L"), "M"+strings.Join(held, "L")
	c.OnHandArea = c.OnHandLine + fmt.Sprintf("L%d,%dL%d,%dZ", chartWidth-chartLeft, chartHeight-chartTop, chartLeft, chartHeight-chartTop)
}

// weeksBetween lists ISO weeks from one to another, both included; just the two where one can't
// be read.
func weeksBetween(first, last string) []string {
	monday, ok := mondayOf(first)
	if _, good := mondayOf(last); !ok || !good {
		return slices.Compact([]string{first, last})
	}
	var all []string
	for week := first; week <= last; week = weekOf(monday) {
		all = append(all, week)
		monday = monday.AddDate(0, 0, 7)
	}
	return all
}

// mondayOf gives the first day of an ISO week, "2026-W48".
func mondayOf(week string) (time.Time, bool) {
	var year, n int
	if _, err := fmt.Sscanf(week, "%d-W%d", &year, &n); err != nil {
		return time.Time{}, false
	}
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // is in the first week
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+7*(n-1))
	return monday, weekOf(monday) == week
}

func weekOf(t time.Time) string {
	year, week := t.ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}
