package main

import (
	"io"
	"net/url"

	"inventory/app/contract"
	domain "inventory/domain/contract"
)

// The parts of SARIF 2.1.0 that findings need: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

const sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"

func writeSARIF(out io.Writer, r *contract.Report) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "inventory schemas check"}}, Results: []sarifResult{}}
	indexes := map[domain.Rule]int{}
	for _, rule := range domain.Rules() {
		indexes[rule.Rule] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(rule.Rule), sarifText{rule.Means}})
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		result := sarifResult{RuleID: string(f.Rule), RuleIndex: indexes[f.Rule], Level: f.Severity.String(), Message: sarifText{pathOf(f) + f.Message + "\n" + f.Fix}}
		result.Locations = []sarifLocation{{
			sarifPhysical{Artifact: sarifArtifact{uriOf(f.File)}}, []sarifLogical{{logicalName(f), "member"}},
		}}
		if f.Line > 0 {
			result.Locations[0].Physical.Region = &sarifRegion{f.Line}
		}
		run.Results = append(run.Results, result)
	}
	return writeLine(out, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func logicalName(f *domain.Finding) string {
	if f.Path == "" {
		return f.Subject
	}
	return f.Subject + "/" + f.Path
}

// uriOf writes a path as a reference that is relative to the repository.
func uriOf(file string) string { return (&url.URL{Path: file}).String() }
