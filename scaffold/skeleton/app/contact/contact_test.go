package contact_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

func TestMessageReachesTheTeam(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)
	client := a.Client()

	page := client.Get("/contact").Form("/contact").
		Fill("name", "Ada").
		Fill("email", "ada@example.com").
		Fill("body", "Hello, I would like to know more.").
		Submit().MustStatus(http.StatusOK)

	if page.URL().Path != "/contact" || !strings.Contains(page.Text("[role=status]"), "Thank you") {
		t.Errorf("the visitor sees %s: %q", page.URL(), page.Text("main"))
	}
	if again := client.Get("/contact").Text("[role=status]"); again != "" {
		t.Errorf("the message is shown twice: %q", again)
	}

	a.DrainJobs()
	mails := a.Mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails, want 1", len(mails))
	}
	if got := mails[0]; got.ReplyTo.Address != "ada@example.com" || !strings.Contains(got.Text, "I would like to know more.") {
		t.Errorf("mail with Reply-To %s: %s", got.ReplyTo, got.Text)
	}
}

func TestFaultyFormIsShownAgain(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New)

	page := a.Client().Get("/contact").Form("/contact").
		Fill("name", "Ada").
		Fill("email", "nobody").
		Fill("body", "short").
		Submit().MustStatus(http.StatusUnprocessableEntity)

	for field, want := range map[string]string{"email": "email address", "body": "too short"} {
		if got := page.Text("#" + field + "-error"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q in it", field, got, want)
		}
	}
	if got := page.Attr("#name", "value"); got != "Ada" {
		t.Errorf("the name is lost: %q", got)
	}
	var stored int64
	if err := a.DB.With(t.Context()).Model(&models.Message{}).Count(&stored).Error; err != nil || stored != 0 {
		t.Errorf("%d messages are stored, %v", stored, err)
	}
}

// Threat: a message contains a script, which runs where the message is shown.
func TestMessageIsEscaped(t *testing.T) {
	t.Parallel()
	page := apptest.New(t, app.New).Client().Get("/contact").Form("/contact").
		Fill("name", `"><script>alert(1)</script>`).
		Submit().MustStatus(http.StatusUnprocessableEntity)

	if strings.Contains(page.Body(), "<script>alert") {
		t.Error("the script is in the page")
	}
}

// Threat: one address fills the table, the queue and the mailbox of the team.
func TestMessagesAreLimited(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, app.New, apptest.Set("contact.per_address", "3"))
	client := a.Client()
	send := func() *apptest.Page {
		return client.Get("/contact").Form("/contact").
			Fill("name", "Ada").
			Fill("email", "ada@example.com").
			Fill("body", "Hello, I would like to know more.").
			Submit()
	}
	for range 3 {
		send().MustStatus(http.StatusOK)
	}
	for range 37 {
		page := send().MustStatus(http.StatusTooManyRequests)
		if page.Header().Get("Retry-After") == "" || !strings.Contains(page.Text("[role=alert]"), "Too many requests") {
			t.Fatalf("Retry-After is %q, and the page says %q", page.Header().Get("Retry-After"), page.Text("main"))
		}
		if got := page.Text("#body"); got != "Hello, I would like to know more." {
			t.Fatalf("the message is lost: %q", got)
		}
	}
	var stored int64
	if err := a.DB.With(t.Context()).Model(&models.Message{}).Count(&stored).Error; err != nil || stored != 3 {
		t.Errorf("%d messages are stored, %v", stored, err)
	}
	a.DrainJobs()
	if mails := a.Mails(); len(mails) != 3 {
		t.Errorf("%d mails, want 3", len(mails))
	}
}
