package jobs_test

import (
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/jobs"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

func TestNotifyTeamMailsOnce(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	message := models.Message{Name: "Ada", Email: "ada@example.com", Body: "Hello"}
	if err := a.DB.With(t.Context()).Create(&message).Error; err != nil {
		t.Fatal(err)
	}

	for range 2 {
		a.Enqueue(jobs.NotifyTeam{MessageID: message.ID})
	}
	a.Enqueue(jobs.NotifyTeam{MessageID: message.ID + 1})
	a.DrainJobs()

	if n := len(a.Mails()); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

func TestDeleteOldMessages(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	db := a.DB.With(t.Context())
	for _, age := range []time.Duration{time.Hour, 100 * 24 * time.Hour} {
		message := models.Message{Name: "Ada", Email: "ada@example.com", Body: "Hello", CreatedAt: time.Now().Add(-age)}
		if err := db.Create(&message).Error; err != nil {
			t.Fatal(err)
		}
	}

	a.Enqueue(jobs.DeleteOldMessages{})
	a.DrainJobs()

	var left []models.Message
	if err := a.DB.With(t.Context()).Find(&left).Error; err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || time.Since(left[0].CreatedAt) > 2*time.Hour {
		t.Errorf("left are %+v, want the young one", left)
	}
}
