package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"inventory/app/contract"
	domain "inventory/domain/contract"
)

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

// junitSuite is a subject.
type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

// junitCase is an error, or all that is right of a subject.
type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a test for each subject, and for each error one that failed; warnings are what the former says.
func writeJUnit(out io.Writer, r *contract.Report) error {
	var all junitSuites
	for _, subject := range subjectsOf(r) {
		all.Suites = append(all.Suites, suiteOf(subject, r))
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(out)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out)
	return err
}

// subjectsOf gives all subjects, those of which only findings are left too.
func subjectsOf(r *contract.Report) []string {
	all, seen := []string{}, map[string]bool{}
	add := func(subject string) {
		if !seen[subject] {
			seen[subject] = true
			all = append(all, subject)
		}
	}
	for _, s := range r.Subjects {
		add(s)
	}
	for _, f := range r.Findings {
		add(f.Subject)
	}
	return all
}

func suiteOf(subject string, r *contract.Report) junitSuite {
	s := junitSuite{Name: subject}
	var warnings strings.Builder
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Subject != subject:
		case f.Severity == domain.Warning:
			fmt.Fprintf(&warnings, "%s: %s: %s%s %s\n", placeOf(f), f.Rule, pathOf(f), f.Message, f.Fix)
		default:
			s.Failures++
			s.Cases = append(s.Cases, junitCase{
				Class: subject, Name: strings.TrimSpace(string(f.Rule) + " " + f.Path), File: f.File, Line: f.Line, Time: "0",
				Failure: &junitFailure{string(f.Rule), pathOf(f) + f.Message, placeOf(f) + "\n" + f.Fix},
			})
		}
	}
	if s.Failures == 0 || warnings.Len() > 0 {
		s.Cases = append(s.Cases, junitCase{Class: subject, Name: "FULL_TRANSITIVE", Time: "0", Out: warnings.String()})
	}
	s.Tests = len(s.Cases)
	return s
}
