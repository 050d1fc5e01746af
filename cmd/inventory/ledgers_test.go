package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// partial is what an API answers while a member of the fleet is silent.
const partial = `{"ledgers":[{"ledger":"reservation/home/0","owner":""},{"ledger":"stock/HCM/0","owner":"inventory-0","owner_addr":"10.0.0.1:7070",` +
	`"epoch":3,"version":812,"relayed":810,"relay_lag":2,"waiting":4,"mail":1,"holds":57},{"ledger":"stock/HCM/1","owner":"inventory-2",` +
	`"epoch":1,"version":0,"relayed":0,"relay_lag":0,"waiting":0,"mail":0,"holds":0}],"unanswered":["inventory-1 at 10.0.0.2:7070: connection refused"]}`

// answering is an API that answers one path with a text.
func answering(t *testing.T, path, text string) (server string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() != path {
			t.Errorf("asked for %s, expected %s", r.URL.RequestURI(), path)
		}
		fmt.Fprintln(w, text)
	}))
	t.Cleanup(s.Close)
	return "--server=" + s.URL
}

func TestLedgersAreShownWithTheirOwnersAndWhoDidNotAnswer(t *testing.T) {
	server := answering(t, "/admin/ledgers", partial)
	want := strings.Join([]string{
		"LEDGER               OWNER         ENTRIES   RELAY-LAG   EPOCH   WAITING   HOLDS",
		"reservation/home/0   -             -         -           -       -         -",
		"stock/HCM/0          inventory-0   812       2           3       4         57",
		"stock/HCM/1          inventory-2   0         0           1       0         0",
		"did not answer: inventory-1 at 10.0.0.2:7070: connection refused",
		"",
	}, "\n")
	if out := must(t, "ledgers", server); out != want {
		t.Errorf("expected\n%s\nfound\n%s", want, out)
	}
	if out := must(t, "ledgers", "--json", server); out != partial+"\n" {
		t.Errorf("expected\n%s\nfound\n%s", partial, out)
	}
}

func TestLedgersOfOneProcessAreShown(t *testing.T) {
	server := answering(t, "/admin/ledgers?here=true", `{"ledgers":[]}`)
	if out := must(t, "ledgers", "--here", server); out != "this process owns no ledger\n" {
		t.Error(out)
	}
}
