// Package deploy embeds the files from which servers are set up. It holds no logic; integration/stack reads it.
package deploy

import "embed"

// Stack holds, one folder a server, the pom that fetches its JARs and the templates of its configuration.
//
//go:embed stack
var Stack embed.FS
