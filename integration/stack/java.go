package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// javaRelease is the only one that runs all of them: Cassandra 5.0 refuses later ones, the registry earlier ones.
const javaRelease = "17"

// findJava returns the path of a Java 17, from JAVA_HOME, the PATH, or where Linux distributions put it.
func findJava(ctx context.Context) (string, error) {
	candidates := []string{"java"}
	if home := os.Getenv("JAVA_HOME"); home != "" {
		candidates = []string{filepath.Join(home, "bin", "java"), "java"}
	}
	installed, err := filepath.Glob("/usr/lib/jvm/*" + javaRelease + "*/bin/java")
	if err != nil {
		return "", err
	}
	for _, candidate := range append(candidates, installed...) {
		if isJava17(ctx, candidate) {
			return candidate, nil
		}
	}
	return "", errors.New("no Java " + javaRelease + " in JAVA_HOME, PATH or /usr/lib/jvm; .ci/prerequisites tells how to get it")
}

// RunJava runs a program, a file of source that needs no more than the JARs of a folder, on the Java that the servers run on. It
// gives what the program writes to its stdout.
func RunJava(ctx context.Context, jars, source string, input io.Reader) ([]byte, error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, java, "-Xmx512m", "-XX:+UseSerialGC", "-cp", filepath.Join(jars, "*"), source)
	cmd.Stdin = input
	return stdout(cmd, "java "+source)
}

// stdout runs a command and returns what it writes to its stdout; an error has what it writes to its stderr.
func stdout(cmd *exec.Cmd, name string) ([]byte, error) {
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, complaint.Bytes())
	}
	return out, nil
}

func isJava17(ctx context.Context, java string) bool {
	// The version goes to stderr: openjdk version "17.0.15" 2025-04-15
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	return err == nil && strings.Contains(string(out), `version "`+javaRelease+`.`)
}
