package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// bulk sends lines, and gives their answers.
func (c *client) bulk(lines ...string) []bulkAnswer {
	c.t.Helper()
	sent := c.call("POST /inventory/bulk"+c.path, strings.Join(lines, "\n"), "Content-Type", linesType, "Inventory-Actor", "wms:dock-3").want(200)
	var answers []bulkAnswer
	for in := json.NewDecoder(strings.NewReader(string(sent.body))); ; {
		var a bulkAnswer
		err := in.Decode(&a)
		if err == io.EOF {
			return answers
		}
		if err != nil {
			c.t.Fatalf("%s: %v", sent.body, err)
		}
		answers = append(answers, a)
	}
}

func adjustLine(id, kind, quantity string) string {
	return fmt.Sprintf(`{"id":%q,"adjust":%s}`, id, adjustment1(kind, quantity))
}

// brief says what became of lines.
func brief(answers []bulkAnswer) (all []string) {
	for _, a := range answers {
		text := fmt.Sprint(a.Line, " ", a.ID, " ", a.Status)
		switch {
		case a.Problem != nil:
			text += " " + a.Problem.Code
			for _, f := range a.Problem.Errors {
				text += " " + f.Location
			}
		case a.Adjustment != nil:
			text += fmt.Sprint(" on hand ", a.Adjustment.OnHand)
		case a.Reservation != nil:
			text += " " + a.Reservation.Status
		}
		all = append(all, text)
	}
	return all
}

func wantBrief(t *testing.T, got []bulkAnswer, want ...string) {
	t.Helper()
	if found := brief(got); !slices.Equal(found, want) {
		t.Errorf("found\n%s\nexpected\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
}

func TestLinesAreDoneAndAnsweredInOrderAndOnce(t *testing.T) {
	c := stocked(t, Options{})
	c.call("POST /inventory/reserve", `{"order_id":"o-1","items":[{"sku":"SKU-1","quantity":2}]}`).want(201)
	lines := []string{
		adjustLine("s-1", "RECEIPT", `"qty_delta":5`),
		adjustLine("s-2", "COUNT", `"counted":12`),
		adjustLine("s-3", "DAMAGE", `"qty_delta":-1`),
	}
	want := []string{"1 s-1 200 on hand 15", "2 s-2 200 on hand 12", "3 s-3 200 on hand 11"}
	wantBrief(t, c.bulk(lines...), want...)
	pick := `{"id":"s-4","confirm":{"order_id":"o-1"}}`
	wantBrief(t, c.bulk(append(lines, pick)...), append(want, "4 s-4 200 CONFIRMED")...)
	wantBrief(t, c.bulk(pick), "1 s-4 200 CONFIRMED")
	c.call("GET /inventory/SKU-1", "").want(200).
		wantJSON(`{"sku":"SKU-1","on_hand":9,"held":0,"available":9,"short":0,"source":"owner","as_of":"*","warehouses":"*"}`, "as_of", "warehouses")
}

func TestALineThatIsRefusedSaysWhyAndStopsNoOther(t *testing.T) {
	c := stocked(t, Options{})
	wantBrief(t, c.bulk(
		adjustLine("s-1", "LOSS", `"qty_delta":-11`),
		"",
		`{"id":"s 2","adjust":{"sku":"SKU-1"}}`,
		`{"id":"s-3","adjust":{"sku":"SKU-1","warehouse_id":"W1","adjustment_type":"COUNT","qty_delta":1}}`,
		`{"id":"s-4"}`,
		`{"id":"s-5","confirm":{"order_id":"nobody"},"adjust":{}}`,
		`{"id":"s-6","confirm":{"order_id":"nobody","items":[{"sku":"SKU-1","quantity":-1}]}}`,
		`{"id":"s-7","confirm":{"order_id":"nobody"}}`,
		`{"id":"s-8","adjusted":{}}`,
		`nonsense`,
		`{"id":"s-9","confirm":"`+strings.Repeat("x", maxBulkLine)+`"}`,
		adjustLine("s-10", "RECEIPT", `"qty_delta":1`),
	),
		"1 s-1 422 BELOW_ZERO",
		"3  400 INVALID line.id",
		"4 s-3 400 INVALID adjust.qty_delta adjust.counted",
		"5 s-4 400 INVALID line",
		"6 s-5 400 INVALID line",
		"7 s-6 400 INVALID confirm.items[0].quantity",
		"8 s-7 404 UNKNOWN_ORDER",
		"9 s-8 400 INVALID line.adjusted",
		"10  400 INVALID line",
		"11  400 INVALID line",
		"12 s-10 200 on hand 11",
	)
}

func TestADryRunTellsWhatLinesWouldDoAndDoesNothing(t *testing.T) {
	c := stocked(t, Options{})
	c.call("POST /inventory/reserve", `{"order_id":"o-1","items":[{"sku":"SKU-1","quantity":2}]}`).want(201)
	before := c.call("GET /inventory/SKU-1", "").want(200)
	lines := []string{
		adjustLine("s-1", "LOSS", `"qty_delta":-9`),
		adjustLine("s-2", "LOSS", `"qty_delta":-2`),
		`{"id":"s-3","confirm":{"order_id":"o-1"}}`,
		adjustLine("s-4", "RECEIPT", `"qty_delta":5`),
		adjustLine("s-1", "LOSS", `"qty_delta":-9`),
		adjustLine("s-1", "LOSS", `"qty_delta":-8`),
	}
	c.path = "?dry_run=true"
	would := brief(c.bulk(lines...))
	if after := c.call("GET /inventory/SKU-1", "").want(200); levelOf(after) != levelOf(before) {
		t.Errorf("%s, and before %s", after.body, before.body)
	}
	c.path = ""
	for i, line := range lines { // what they really do, one after the other
		did := brief(c.bulk(line))[0]
		if _, would, _ := strings.Cut(would[i], " "); did != "1 "+would {
			t.Errorf("line %d would have been %s, and is %s", i+1, would, did)
		}
	}
	if !slices.Contains(would, "2 s-2 422 BELOW_ZERO") || !slices.Contains(would, "6 s-1 422 KEY_REUSED") {
		t.Errorf("%q", would)
	}
	c.path = "?dry_run=true"
	until(t, func() error { // the archive, which is a moment behind, knows that the key was used
		if found := brief(c.bulk(lines[4:]...)); !slices.Equal(found, []string{"1 s-1 200 on hand 1", "2 s-1 422 KEY_REUSED"}) {
			return fmt.Errorf("%q", found)
		}
		return nil
	})
}

// levelOf is an answer without the time that it is of.
func levelOf(g got) string { text, _, _ := strings.Cut(string(g.body), `"as_of"`); return text }

func TestABulkThatIsRefusedAsAWhole(t *testing.T) {
	c := stocked(t, Options{})
	c.call("POST /inventory/bulk", "", "Content-Type", linesType).problem(400, "INVALID")
	c.call("POST /inventory/bulk", "", "Content-Type", "application/json", "Inventory-Actor", "a").problem(415, "UNSUPPORTED_MEDIA_TYPE")
	for range mostBulks {
		c.api.bulks.requests <- struct{}{}
	}
	c.call("POST /inventory/bulk", "", "Content-Type", linesType, "Inventory-Actor", "a").problem(503, "OVERLOADED")
}

// scripted is an inventory whose answers are a test's.
type scripted struct {
	UseCases
	adjust func(context.Context, app.AdjustRequest) (stock.Adjustment, error)
}

func (s scripted) Adjust(ctx context.Context, q app.AdjustRequest) (stock.Adjustment, error) {
	return s.adjust(ctx, q)
}

func (s scripted) Confirm(context.Context, app.ConfirmRequest) (*reservation.Order, error) {
	return nil, reservation.ErrUnknownOrder
}

func TestALineIsAskedAgainWhereThatMayHelp(t *testing.T) {
	var mu sync.Mutex
	tries := map[string]int{}
	c := serve(t, scripted{adjust: func(_ context.Context, q app.AdjustRequest) (stock.Adjustment, error) {
		mu.Lock()
		defer mu.Unlock()
		if tries[q.Key]++; tries[q.Key] < 3 {
			return stock.Adjustment{}, owner.ErrNotOwner
		}
		return stock.Adjustment{SKU: "SKU-1", Type: stock.Receipt}, nil
	}}, Options{})
	wantBrief(t, c.bulk(adjustLine("s-1", "RECEIPT", `"qty_delta":5`)), "1 s-1 200 on hand 0")
	if tries["s-1"] != 3 {
		t.Errorf("asked %d times", tries["s-1"])
	}
}

// Of a burst no more is asked of ledgers at once than leaves room for others.
func TestOfABurstFewLinesAreUnderWayAtOnce(t *testing.T) {
	atOnce := newRoom().Config().AtOnce
	burst := 4 * atOnce
	var mu sync.Mutex
	underway, most := 0, 0
	full, finish := make(chan struct{}), make(chan struct{})
	var filled sync.Once
	c := serve(t, scripted{adjust: func(_ context.Context, q app.AdjustRequest) (stock.Adjustment, error) {
		mu.Lock()
		underway++
		if most = max(most, underway); underway == atOnce {
			filled.Do(func() { close(full) })
		}
		mu.Unlock()
		<-finish
		mu.Lock()
		defer mu.Unlock()
		underway--
		return stock.Adjustment{SKU: stock.SKU(q.SKU), Type: stock.Receipt}, nil
	}}, Options{})
	var sending sync.WaitGroup
	for n := range 4 { // a request has fewer lanes than there may be lines
		sending.Go(func() {
			var lines []string
			for i := range burst {
				lines = append(lines, fmt.Sprintf(`{"id":"%d-%d","adjust":{"sku":"S-%d","warehouse_id":"W1","adjustment_type":"RECEIPT","qty_delta":1}}`, n, i, i))
			}
			if got := c.bulk(lines...); len(got) != burst {
				t.Errorf("%d answers", len(got))
			}
		})
	}
	<-full
	close(finish)
	sending.Wait()
	if most > atOnce {
		t.Errorf("%d lines were under way at once", most)
	}
}

// A scanner sends a line, and wants its answer before it sends the next.
func TestALineIsAnsweredWhileOthersAreStillToCome(t *testing.T) {
	c := stocked(t, Options{})
	addr := c.listen(readTimeout, writeTimeout)
	body, scans := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/inventory/bulk", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", linesType)
	r.Header.Set(actorHeader, "wms:dock-3")
	go func() { fmt.Fprintln(scans, adjustLine("s-1", "RECEIPT", `"qty_delta":1`)) }()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(answer.Body)
	for n := 1; n < 4; n++ {
		line, err := in.ReadString('\n')
		if want := fmt.Sprintf(`"id":"s-%d"`, n); err != nil || !strings.Contains(line, want) {
			t.Fatalf("%s, %v; expected %s", line, err, want)
		}
		fmt.Fprintln(scans, adjustLine(fmt.Sprint("s-", n+1), "RECEIPT", `"qty_delta":1`))
	}
	if err := scans.Close(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(in); err != nil || strings.Count(string(rest), "\n") != 1 {
		t.Errorf("%s, %v", rest, err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestALineThatPanicsIsAnsweredAndStopsNoOther(t *testing.T) {
	c := serve(t, scripted{adjust: func(context.Context, app.AdjustRequest) (stock.Adjustment, error) { panic("no") }}, Options{})
	wantBrief(t, c.bulk(adjustLine("s-1", "RECEIPT", `"qty_delta":5`), `{"id":"s-2","confirm":{"order_id":"o"}}`), "1 s-1 500 INTERNAL", "2 s-2 404 UNKNOWN_ORDER")
	if len(c.troubles) != 1 || c.troubles[0].Stack == nil || c.troubles[0].Route != bulkRoute {
		t.Errorf("%+v", c.troubles)
	}
}

func TestWhoSendsNoLineIsCutOff(t *testing.T) {
	c := stocked(t, Options{})
	c.api.bulks.silence = 20 * time.Millisecond
	head := "POST /inventory/bulk HTTP/1.1\r\nHost: a\r\nContent-Type: " + linesType + "\r\nConnection: close\r\nInventory-Actor: a\r\nContent-Length: 500\r\n\r\n"
	if answer := say(t, c.listen(readTimeout, writeTimeout), head, false); !strings.Contains(answer, "BODY_TIMEOUT") {
		t.Errorf("%s", answer)
	}
	line := adjustLine("s-1", "RECEIPT", `"qty_delta":5`) + "\n"
	answer := say(t, c.listen(readTimeout, writeTimeout), head+line, false)
	if !strings.Contains(answer, `"on_hand":15`) || strings.HasSuffix(answer, "0\r\n\r\n") {
		t.Errorf("%s", answer)
	}
}

// A process that ends answers what it took, and cuts the rest off: that can be sent again.
func TestABulkEndsWithItsProcess(t *testing.T) {
	scans := newRoom()
	c := stocked(t, Options{Scans: scans})
	head := "POST /inventory/bulk HTTP/1.1\r\nHost: a\r\nContent-Type: " + linesType + "\r\nConnection: close\r\nInventory-Actor: a\r\nContent-Length: 500\r\n\r\n"
	line := adjustLine("s-1", "RECEIPT", `"qty_delta":5`) + "\n"
	addr, answer := c.listen(readTimeout, writeTimeout), make(chan string, 1)
	go func() { answer <- say(t, addr, head+line, false) }()
	until(t, func() error { // the line is done, and the client sends nothing
		if level := levelOf(c.call("GET /inventory/SKU-1", "")); !strings.Contains(level, `"on_hand":15`) {
			return fmt.Errorf("%s", level)
		}
		return nil
	})
	scans.End()
	if told := <-answer; !strings.Contains(told, `"on_hand":15`) || strings.HasSuffix(told, "0\r\n\r\n") {
		t.Errorf("%s", told)
	}
	c.call("POST /inventory/bulk", "", "Content-Type", linesType, "Inventory-Actor", "a").problem(503, "SCAN_CLOSING")
}
