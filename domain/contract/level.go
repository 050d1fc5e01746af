package contract

import "strings"

// RegistryWeaker warns of a registry that holds new versions of a subject against fewer, or one way only.
const RegistryWeaker Rule = "REGISTRY_LEVEL_WEAKER"

// Level is how a registry holds a new version against the earlier ones, by Confluent's names: NONE, BACKWARD, FORWARD, FULL,
// and with _TRANSITIVE against all of them rather than the newest.
type Level string

// FullTransitive is the level that Check holds versions by.
const FullTransitive Level = "FULL_TRANSITIVE"

// Catches tells whether a registry of the level finds that a reader can't read what a writer wrote. Versions are by
// their numbers in the order in which they come.
func (l Level) Catches(reader, writer int) bool {
	way, transitive := strings.CutSuffix(string(l), "_TRANSITIVE")
	if !transitive && reader-writer != 1 && writer-reader != 1 {
		return false
	}
	return way == "FULL" || way == "BACKWARD" && reader > writer || way == "FORWARD" && reader < writer
}

// Means says what the level leaves out, for people; "" for FULL_TRANSITIVE.
func (l Level) Means() string {
	way, transitive := strings.CutSuffix(string(l), "_TRANSITIVE")
	against := "the newest version only"
	if transitive {
		against = "all earlier versions"
	}
	switch way {
	case "FULL":
		if transitive {
			return ""
		}
		return "holds new versions against " + against
	case "BACKWARD":
		return "looks at whether a new version can read what was written with " + against + ", and not the other way"
	case "FORWARD":
		return "looks at whether " + against + " can read what is written with a new version, and not the other way"
	}
	return "looks at nothing"
}
