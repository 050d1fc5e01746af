// Package seeing proves that whoever looks at the service sees it: that each alert fires on what it is for, that Prometheus' own
// parser takes each query of dashboards and alerts, that the service exports each metric and label that they ask for, and that no panel
// is empty while a demo runs. Its tests need Prometheus, which integration/stack builds.
package seeing
