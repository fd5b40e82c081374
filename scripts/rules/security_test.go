package main

import (
	"fmt"
	"testing"
)

// TestSecurityIsWhole: each point is there once and says where it is held or what is missing, and every
// test that one names exists.
func TestSecurityIsWhole(t *testing.T) {
	t.Parallel()
	root, _, _, _ := read(t)
	s, err := readSecurity()
	if err != nil {
		t.Fatal(err)
	}
	tests, err := goTests(root)
	if err != nil {
		t.Fatal(err)
	}
	seen, levels := map[string]bool{}, map[int]int{}
	for part, points := range map[string][]Point{"abuse": s.Abuse, "asvs": s.ASVS, "advisories": s.Advisories} {
		for _, p := range points {
			if p.ID == "" || p.Text == "" || seen[p.ID] || (p.Level > 0) != (part == "asvs") {
				t.Errorf("%s: %+v", part, p)
			}
			seen[p.ID] = true
			levels[p.Level]++
			if len(p.Tests) == 0 && p.Answer == "" && p.Open == "" {
				t.Errorf("%s: neither a test, nor an answer, nor what is missing", p.ID)
			}
			for _, sentence := range missingTests(root, p, tests) {
				t.Error(sentence)
			}
		}
	}
	for letter, n := range map[string]int{"A": 25, "B": 5} {
		for i := range n {
			if id := fmt.Sprintf("%s%d", letter, i+1); !seen[id] {
				t.Errorf("%s is missing", id)
			}
		}
	}
	if len(s.Abuse) != 30 || levels[1] != 64 || levels[2] != 140 || levels[3] != 43 || len(s.Advisories) != 42 {
		t.Errorf("%d cases of abuse, %v requirements, %d advisories: want 30, 64 + 140 + 43, 42", len(s.Abuse), levels, len(s.Advisories))
	}
}

func TestMissingTestsAreFound(t *testing.T) {
	t.Parallel()
	tests := []Test{{Name: "TestX", Package: "internal/x"}}
	root, _, _, _ := read(t)
	for named, there := range map[string]bool{
		"internal/x TestX": true, "internal/x TestY": false, "internal/y TestX": false, "TestX": false, "": false,
		"ui/src/person/link.test.ts takes a broken fragment away too": true,
		"ui/src/person/link.test.ts takes a broken fragment":          false,
		"ui/src/person/none.test.ts takes a broken fragment away too": false,
	} {
		if got := missingTests(root, Point{ID: "x", Tests: []string{named}}, tests); (len(got) == 0) != there {
			t.Errorf("%q: %v", named, got)
		}
	}
}
