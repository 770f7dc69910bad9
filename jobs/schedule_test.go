package jobs_test

import (
	"strings"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

func TestScheduleFiresOncePerTick(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["redis"], func(t *testing.T, k *kit) {
		w := newWork()
		var last *covetjobs.Client
		for range 3 {
			last = newOther(t, k).client(t, covetjobs.Config{}, w)
			last.Schedule("tick", "@every 1s", Probe{Name: "tick"})
			if err := last.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
				t.Fatal(err)
			}
		}
		const ticks = 4
		await(t, "four ticks", func() bool { return k.count(t, last, covetjobs.Done) >= ticks })
		var rows []covetmodels.OutboxRow
		if err := k.db.With(t.Context()).Order("run_at").Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if want := rows[0].RunAt.Add(time.Duration(i) * time.Second); !rows[i].RunAt.Equal(want) || want.Nanosecond() != 0 {
				t.Errorf("firing %d is for %v, want %v: one for each second", i, rows[i].RunAt, want)
			}
		}
		if runs := w.count("tick"); runs < ticks || runs > len(rows)+1 {
			t.Errorf("%d runs of %d firings", runs, len(rows))
		}
	})
}

func TestTicksBeforeTheStartDoNotFire(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	w := newWork()
	c := k.client(t, covetjobs.Config{}, w)
	c.Schedule("yearly", "0 0 1 1 *", Probe{Name: "yearly"})
	c.Schedule("tick", "@every 1s", Probe{Name: "tick"})
	begun := time.Now()
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	await(t, "a tick", func() bool { return w.count("tick") > 0 })
	var first covetmodels.OutboxRow
	if err := k.db.With(t.Context()).Order("run_at").Take(&first).Error; err != nil {
		t.Fatal(err)
	}
	if first.RunAt.Before(begun) || w.count("yearly") != 0 {
		t.Errorf("a tick of %v fired although the start was at %v; the yearly one fired %d times",
			first.RunAt, begun, w.count("yearly"))
	}
}

func TestFaultsAreReportedAtTheStart(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	cfg := covetjobs.Config{Concurrency: -1, Lease: time.Millisecond, Queues: map[string]int{"Mail Queue": 1, "low": 0}}
	c := k.client(t, cfg, newWork())
	covetjobs.Register[Probe](c, newWork())
	covetjobs.Register[otherProbe](c, 1)
	covetjobs.Register[channel](c, 1)
	covetjobs.Register[hidden](c, 1)
	covetjobs.Register[nested](c, 1)
	covetjobs.Register[badQueue](c, 1)
	covetjobs.Register[number](c, 1)
	covetjobs.Register[badKind](c, 1)
	c.Schedule("never", "61 * * * *", Probe{})
	c.Schedule("30th", "0 0 30 2 *", Probe{})
	c.Schedule("fast", "@every 10ms", Probe{})
	c.Schedule("zone", "CRON_TZ=Nowhere/Land 0 0 * * *", Probe{})
	c.Schedule("two words", "@daily", Probe{})
	c.Schedule("twice", "@daily", Probe{})
	c.Schedule("twice", "@hourly", Probe{})
	c.Schedule("unregistered", "@daily", Slow{})
	err := c.Start(t.Context(), covetjobs.Roles{Work: true})
	if err == nil {
		t.Fatal("no error")
	}
	if checked := c.Check(); checked == nil || checked.Error() != err.Error() {
		t.Errorf("Check says\n%v\nand Start\n%v", checked, err)
	}
	for _, want := range []string{
		"jobs.concurrency is -1", "jobs.lease is 1ms", `queue name "Mail Queue"`, `weight of "low" is 0`,
		"registering job jobs_test.Probe: registered twice",
		`kind "probe" is already used by jobs_test.Probe`,
		"field Done is a chan int", "field secret is unexported", "field Inner.Reader is the interface io.Reader",
		`queue name "My Queue"`, "a job must be a struct", `invalid kind "with space"`,
		`scheduling "never" at "61 * * * *": expected five cron fields`, `"30th" at "0 0 30 2 *": the schedule has no tick`,
		`"fast" at "@every 10ms": @every 10ms: expected whole seconds`, "Nowhere/Land",
		`scheduling "two words"`, "the name is already used by another schedule",
		`scheduling "unregistered": jobs_test.Slow: the type of the job is not registered`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}
