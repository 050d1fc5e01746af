// Package grafana makes the dashboards of the service, as Grafana's own types (its foundation SDK) have
// them. The JSON files beside it are what it makes, checked in, for whoever provisions or imports them:
// `go test ./deploy/grafana -update` writes them. The service doesn't know it.
package grafana
