package login_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/login"
	covetmodels "github.com/covetgo/covet/models"
)

// pinStep asks the accounts that have one for their PIN.
type pinStep struct{ pins map[int64]string }

func (pinStep) Name() string { return "pin" }

func (s pinStep) Required(_ context.Context, attempt *login.Attempt) (bool, error) {
	_, enrolled := s.pins[attempt.Account.ID]
	return enrolled, nil
}

func (s pinStep) Serve(c echo.Context, attempt *login.Attempt) (passed bool, err error) {
	if c.Request().Method != http.MethodPost {
		return false, c.HTML(http.StatusOK, `<form method="post"><input name="pin"><button>Continue</button></form>`)
	}
	pin := s.pins[attempt.Account.ID]
	if subtle.ConstantTimeCompare([]byte(c.FormValue("pin")), []byte(pin)) == 1 {
		return true, nil
	}
	return false, c.HTML(http.StatusUnprocessableEntity, "This PIN is wrong.")
}

// A second factor, and how it is tested alone.
func ExampleStep() {
	step := pinStep{pins: map[int64]string{7: "271828"}}
	attempt := &login.Attempt{Account: &covetmodels.User{ID: 7}, Method: "password"}
	for _, pin := range []string{"000000", "271828"} {
		body := strings.NewReader(url.Values{"pin": {pin}}.Encode())
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/login/pin", body)
		r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
		fmt.Println(step.Serve(echo.New().NewContext(r, httptest.NewRecorder()), attempt))
	}
	// Output:
	// false <nil>
	// true <nil>
}
