package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mininfo/api"
)

// The wrapping key is rotated by the command while the portal serves and people file: everything is
// readable afterwards, and a copy of the key file from before keeps the program from starting.
func TestKeysAreRotatedWhileThePortalServes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s Setup) {
		p, first, _ := office(t, s)
		file := filepath.Join(p.Dir, "mininfo.key")
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		people := mailboxes(p.Company.State())
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				person := newPerson(t, p, <-people)
				person.Prove(api.RightAccess)
				filed := person.File(api.NewRequest{Right: api.RightAccess})
				if r := person.See(filed.Id); r.Reference != filed.Reference {
					t.Errorf("the person sees %+v", r)
				}
				if c := first.Case(filed.Id); c.Reference != filed.Reference {
					t.Errorf("the office sees %+v", c)
				}
			})
		}
		for range 3 {
			out, err := p.Run("key", "rotate", "--json")
			var told struct {
				Keys int `json:"data_keys"`
			}
			if err != nil || json.Unmarshal([]byte(out), &told) != nil || told.Keys == 0 {
				t.Errorf("%v\n%s", err, out)
			}
		}
		all.Wait()
		settles(t, p)
		inOrder(t, p)
		if out, err := p.Run("key", "rotate"); err != nil || !strings.Contains(out, "Copy "+file+" anew") {
			t.Errorf("%v\n%s", err, out)
		}
		var list []struct {
			ID   int  `json:"id"`
			Keys int  `json:"data_keys"`
			Held bool `json:"in_key_file"`
		}
		out, err := p.Run("key", "list", "--json")
		if err != nil || json.Unmarshal([]byte(out), &list) != nil || len(list) != 1 || list[0].ID != 5 || list[0].Keys == 0 || !list[0].Held {
			t.Errorf("%v\n%s", err, out)
		}
		backup := filepath.Join(t.TempDir(), "after.backup")
		if !s.Postgres {
			if out, err := p.Run("backup", backup); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		}
		p.Stop()
		if err := os.WriteFile(file, before, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := p.Run("doctor"); err == nil || !strings.Contains(err.Error(), "not the newest") {
			t.Errorf("with the old key file: %v\n%s", err, out)
		}
		if s.Postgres {
			return
		}
		// A backup that this key file opens and whose data it does not: said before anything is put back.
		if out, err := p.Run("restore", "--check", backup); err == nil || !strings.Contains(err.Error(), "not the newest") {
			t.Errorf("the backup with the old key file: %v\n%s", err, out)
		}
	})
}
