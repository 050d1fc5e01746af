package stack

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeMaven is found as mvn from now on: a shell script that gets the folder to fill as $lib.
func fakeMaven(t *testing.T, script string) {
	t.Helper()
	bin := t.TempDir()
	text := "#!/bin/sh\nfor arg; do case $arg in -Dlib=*) lib=${arg#-Dlib=};; esac; done\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(bin, "mvn"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestJarsAreFetchedOnceAndAFailedFetchLeavesNothing(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())

	fakeMaven(t, `echo half >"$lib/a.jar"; echo no network >&2; exit 1`)
	_, err := fetchJars(t.Context(), Kafka, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "no network") {
		t.Fatalf("expected an error with what Maven said, found %v", err)
	}

	fakeMaven(t, `[ ! -e "$lib/a.jar" ] || exit 3; echo whole >"$lib/a.jar"`)
	jars, err := fetchJars(t.Context(), Kafka, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(jars, "a.jar")); err != nil || string(text) != "whole\n" {
		t.Errorf("a.jar: expected a whole file, found %q (%v)", text, err)
	}

	fakeMaven(t, `exit 4`)
	if again, err := fetchJars(t.Context(), Kafka, io.Discard); err != nil || again != jars {
		t.Errorf("second fetch: expected %s without Maven, found %s (%v)", jars, again, err)
	}
}

func TestAnotherPomOfTheSameVersionIsFetchedAgain(t *testing.T) {
	name := func(pom string) string {
		t.Helper()
		name, err := releaseName([]byte(pom))
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	const pom = "<project><artifactId>kafka</artifactId><version>4.3.1</version></project>"
	if found := name(pom); !strings.HasPrefix(found, "kafka-4.3.1-") {
		t.Errorf("name: expected it to begin with kafka-4.3.1-, found %s", found)
	}
	if name(pom) == name(pom+"<!-- another -->") {
		t.Error("two poms have the same name")
	}
}
