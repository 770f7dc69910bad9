package command

import (
	"context"
	"errors"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
)

// testSeeds are those of the application under test. The one called comments needs that of posts.
func testSeeds() []covet.Seed {
	return []covet.Seed{
		{Name: "posts", Run: func(ctx context.Context, a *covet.App) error {
			return a.DB.With(ctx).Exec("INSERT INTO posts (id) VALUES (1) ON CONFLICT DO NOTHING").Error
		}},
		{Name: "comments", Run: func(ctx context.Context, a *covet.App) error {
			var n int64
			if err := a.DB.With(ctx).Table("posts").Count(&n).Error; err != nil {
				return err
			}
			if n == 0 {
				return errors.New("there is no post to comment on")
			}
			return nil
		}},
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, step := range []struct {
		args    string
		environ []string
		code    int
		out     []string
		err     string
	}{
		{args: "seed", code: exit.Unavailable, err: "migrations are pending in"},
		{args: "migrate up", out: []string{"Applied"}},
		{args: "seed comments", code: exit.Failure, err: `running seed "comments": there is no post to comment on`},
		{args: "seed post", code: exit.Usage, err: "there is no seed \"post\".\nDid you mean posts?"},
		{args: "seed posts bogus", code: exit.Usage, err: `there is no seed "bogus"`},
		{args: "seed", environ: production, code: exit.Refused, err: "Add --force"},
		{args: "seed comments", code: exit.Failure, err: "there is no post"}, // nothing ran until here
		{args: "seed comments posts", out: []string{"Seeded posts", "Seeded comments"}},
		{args: "seed", out: []string{"Seeded posts", "Seeded comments"}},
		{args: "seed posts posts", out: []string{"Seeded posts"}},
		{args: "seed --force comments", environ: production, out: []string{"Seeded comments"}},
	} {
		code, out, errs := run(t.Context(), dir, step.environ, strings.Fields(step.args)...)
		if code != step.code || !strings.Contains(errs, step.err) {
			t.Errorf("%s: code %d, want %d; errors: %s", step.args, code, step.code, errs)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if strings.HasPrefix(step.args, "migrate") {
			continue
		}
		if step.code == 0 && len(lines) != len(step.out) {
			t.Errorf("%s prints %q", step.args, out)
			continue
		}
		for i, line := range step.out {
			if !strings.HasPrefix(lines[i], line+" (") {
				t.Errorf("%s: line %q, want %q", step.args, lines[i], line)
			}
		}
	}
}

func TestSeedStopsWhenInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, out, errs := run(ctx, t.TempDir(), nil, "seed"); code == 0 || out != "" {
		t.Errorf("code %d: %s %s", code, out, errs)
	}
}
