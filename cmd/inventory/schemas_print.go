package main

import (
	"fmt"
	"io"
	"strings"

	"inventory/app/contract"
	domain "inventory/domain/contract"
)

// writeFindingsText tells people, subject by subject.
func writeFindingsText(out io.Writer, r *contract.Report) error {
	printFindings(out, r)
	if r.Alone > 0 {
		fmt.Fprintf(out, "%s with one version, held against nothing: --base names a commit that has earlier ones\n", count(r.Alone, "subject"))
	}
	_, err := fmt.Fprintf(out, "%s, %s, %d of them judged: %s, %s\n", count(len(r.Subjects), "subject"), count(r.Versions, "version"), r.Judged,
		count(r.Count(domain.Error), "error"), count(r.Count(domain.Warning), "warning"))
	return err
}

func printFindings(out io.Writer, r *contract.Report) {
	subject := ""
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Subject != subject {
			subject = f.Subject
			fmt.Fprintln(out, subject)
		}
		fmt.Fprintf(out, "  %s: %s %s\n    %s%s\n    %s\n", placeOf(f), f.Severity, f.Rule, pathOf(f), f.Message, f.Fix)
	}
}

func placeOf(f *domain.Finding) string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// told is a report as JSON.
type told struct {
	Subjects int           `json:"subjects"`
	Versions int           `json:"versions"`
	Judged   int           `json:"judged"`
	Errors   int           `json:"errors"`
	Warnings int           `json:"warnings"`
	Findings []toldFinding `json:"findings"`
}

type toldFinding struct {
	Severity string   `json:"severity"`
	Rule     string   `json:"rule"`
	Subject  string   `json:"subject"`
	Version  string   `json:"version,omitempty"`
	File     string   `json:"file"`
	Line     int      `json:"line,omitempty"`
	Path     string   `json:"path,omitempty"`
	Readers  []string `json:"readers,omitempty"`
	Writers  []string `json:"writers,omitempty"`
	Hurts    []string `json:"hurts,omitempty"` // consumers
	Message  string   `json:"message"`
	Fix      string   `json:"fix"`
}

// writeFindingsJSON tells programs, in one line.
func writeFindingsJSON(out io.Writer, r *contract.Report) error {
	t := told{
		Subjects: len(r.Subjects), Versions: r.Versions, Judged: r.Judged,
		Errors: r.Count(domain.Error), Warnings: r.Count(domain.Warning), Findings: toldFindings(r),
	}
	return writeLine(out, t)
}

func toldFindings(r *contract.Report) []toldFinding {
	all := make([]toldFinding, 0, len(r.Findings))
	for _, f := range r.Findings {
		all = append(all, toldFinding{
			f.Severity.String(), string(f.Rule), f.Subject, f.Version, f.File, f.Line, f.Path, f.Readers, f.Writers, f.Consumers, f.Message, f.Fix,
		})
	}
	return all
}

var (
	annotationData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// writeAnnotations writes workflow commands of GitHub Actions, which show findings beside the changed lines.
func writeAnnotations(out io.Writer, r *contract.Report) error {
	for i := range r.Findings {
		f := &r.Findings[i]
		line := ""
		if f.Line > 0 {
			line = fmt.Sprintf(",line=%d", f.Line)
		}
		_, err := fmt.Fprintf(out, "::%s file=%s%s,title=%s::%s\n", f.Severity, annotationProperty.Replace(f.File), line,
			annotationProperty.Replace(f.Subject+": "+string(f.Rule)), annotationData.Replace(pathOf(f)+f.Message+"\n"+f.Fix))
		if err != nil {
			return err
		}
	}
	return nil
}
